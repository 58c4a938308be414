begin;
\ir ../_setup.inc
select plan(4);

set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

set local perdure.test_clock = '2030-01-01 12:01+00';
select ok(finish(key, token, '{"b": 1,"a":  2}'), 'it ended now') from run;
select results_eq(
  $$select status, output::text, error::text from get_result('pgtap a')$$,
  $$values ('SUCCESS', '{"b": 1,"a":  2}', null::text)$$
);
select is(completed_at, '2030-01-01 12:01+00'::timestamptz) from get_workflow('pgtap a');
select is_empty($$select claim(pg_temp.worker(), array['pgtap'])$$, 'nobody can claim it');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select ok(finish(key, token, '"half"', '{"message": "no"}')) from run;
select results_eq(
  $$select status, output::text, error::text from get_result('pgtap a')$$,
  $$values ('ERROR', null::text, '{"message": "no"}')$$,
  'it has no output'
);

select * from finish();
rollback;

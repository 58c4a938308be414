begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select * from pg_temp.running(:worker, 'pgtap a') \gset

select lives_ok(format($$select suspend(%s, %s, '1 hour')$$, :key, :token));
select results_eq(
  $$select status, executor, wake_at, attempts from get_workflow('pgtap a')$$,
  $$values ('PENDING', null::text, '2030-01-01 13:00+00'::timestamptz, 0)$$
);
select is(running, 0::bigint, 'the worker runs it no longer') from list_executors() where executor_id = :worker;
select is_empty(format($$select claim(%s, array['pgtap'])$$, :worker), 'nobody can claim it yet');

set local perdure.test_clock = '2030-01-01 13:00+00';
select results_eq(
  $$select workflow_id, attempt from claim(pg_temp.worker(), array['pgtap'])$$,
  $$values ('pgtap a', 1)$$,
  'at its moment any executor claims it; it was no attempt'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select * from pg_temp.running(:worker, 'pgtap a') \gset

select release(:key, :token, '1 hour') \g /dev/null
select results_eq(
  $$select status, executor, wake_at, attempts from get_workflow('pgtap a')$$,
  $$values ('DELAYED', null::text, '2030-01-01 13:00+00'::timestamptz, 0)$$
);

select * from finish();
rollback;

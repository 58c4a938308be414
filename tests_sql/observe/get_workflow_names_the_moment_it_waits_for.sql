begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap a') \gset
set local perdure.test_clock = '2030-01-01 12:00+00';

select suspend(:key, :token, '1 hour') \g /dev/null
select results_eq(
  $$select status, executor, wake_at from get_workflow('pgtap a')$$,
  $$values ('PENDING', null::text, '2030-01-01 13:00+00'::timestamptz)$$
);

select * from finish();
rollback;

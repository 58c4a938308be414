begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table run as
select i, r.* from generate_series(1, 4) as i, pg_temp.running(:worker, 'pgtap ' || i) as r;
select suspend(key, token, make_interval(hours => 5 - i)) from run where i > 1 \g /dev/null
select release(key, token, '4 hours') from run where i = 1 \g /dev/null

set local perdure.test_clock = '2030-01-01 12:59:59+00';
select is((select workflows_woken from run_maintenance()), 0, 'none is due');
set local perdure.test_clock = '2030-01-01 15:00+00';
select is((select workflows_woken from run_maintenance(2)), 2, 'three are due, two are asked for');
select is(
  array(select pg_temp.status('pgtap ' || i) from run order by i), '{DELAYED, PENDING, ENQUEUED, ENQUEUED}',
  'the earliest'
);
select is((select workflows_woken from run_maintenance(2)), 1, 'then the third');
set local perdure.test_clock = '2030-01-01 16:00+00';
select is((select workflows_woken from run_maintenance(2)), 1, 'then the last');
select is(
  array(select pg_temp.status('pgtap ' || i) from run order by i), '{ENQUEUED, ENQUEUED, ENQUEUED, ENQUEUED}'
);

select * from finish();
rollback;

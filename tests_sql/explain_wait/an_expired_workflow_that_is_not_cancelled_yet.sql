begin;
\ir ../_setup.inc
select plan(3);

set local perdure.test_clock = '2030-01-01 12:00+00';
set local timezone = 'UTC';
update queues set listening_until = clock_timestamp() + interval '1 minute' where name = 'pgtap';
select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', expires_in => '1 minute') \g /dev/null
select results_eq($$select reason from explain_wait('pgtap a')$$, $$values ('next')$$);

set local perdure.test_clock = '2030-01-01 12:01+00';
select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('expired', 'it expired at 2030-01-01 12:01:00+00 and will be cancelled')$$
);
select run_maintenance() \g /dev/null
select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('ended', 'it ended as CANCELLED at 2030-01-01 12:01:00+00')$$
);

select * from finish();
rollback;

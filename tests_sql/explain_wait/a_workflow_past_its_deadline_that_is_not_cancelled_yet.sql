begin;
\ir ../_setup.inc
select plan(3);

set local perdure.test_clock = '2030-01-01 12:00+00';
set local timezone = 'UTC';
update queues set listening_until = clock_timestamp() + interval '1 minute' where name = 'pgtap';
select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', deadline => '2030-01-01 12:01+00') \g /dev/null
select results_eq($$select reason from explain_wait('pgtap a')$$, $$values ('next')$$);

set local perdure.test_clock = '2030-01-01 12:01+00';
select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('timed out', 'its deadline was 2030-01-01 12:01:00+00, it will be cancelled')$$
);
select run_maintenance() \g /dev/null
select results_eq($$select reason from explain_wait('pgtap a')$$, $$values ('ended')$$);

select * from finish();
rollback;

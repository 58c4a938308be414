begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
-- In that night the clocks of Berlin skip an hour.
set local timezone = 'Europe/Berlin';
set local perdure.test_clock = '2030-03-30 12:00+00';
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', timeout => '1 day') \g /dev/null
select is(time_left, '24 hours') from claim(:worker, array['pgtap']);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(8);

-- What else there is has no moment; leases end in an hour or later.
update tasks set wake_at = null, deadline = null where wake_at is not null or deadline is not null;
select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select next_lapse_in > interval '50 minutes' as long from run_maintenance() \gset
select ok(:'long', 'a lease');
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', deadline => '2030-01-01 12:03+00') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b', deadline => '2030-01-01 12:04+00') \g /dev/null
select is(next_lapse_in, '3 minutes', 'a deadline') from run_maintenance();
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap c', delay => '2 minutes') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap d', delay => '9 minutes') \g /dev/null
select is(next_lapse_in, '2 minutes', 'a sleeper') from run_maintenance();

set local perdure.test_clock = '2030-01-01 12:02:59.95+00';
select is(next_lapse_in, '0.1 seconds', 'never less than that') from run_maintenance();
set local perdure.test_clock = '2030-01-01 12:03+00';
select is(next_lapse_in, '1 minute') from run_maintenance();
set local perdure.test_clock = '2030-01-01 12:10+00';
-- Both the deadline and the sleeper are due, and one call may move one of each.
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap e', deadline => '2030-01-01 12:05+00') \g /dev/null
select is(next_lapse_in, '0.1 seconds', 'also when more is due than a call may move') from run_maintenance(1);
select is(workflows_timed_out, 1, 'the next call moves it') from run_maintenance(1);
select ok(next_lapse_in > interval '50 minutes', 'a lease again') from run_maintenance();

select * from finish();
rollback;

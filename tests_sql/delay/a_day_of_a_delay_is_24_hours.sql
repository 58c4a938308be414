begin;
\ir ../_setup.inc
select plan(6);

-- In that night the clocks of Berlin skip an hour.
set local timezone = 'Europe/Berlin';
set local perdure.test_clock = '2030-03-30 12:00+00';

create function pg_temp.waits_for(id text)
returns interval
language sql
as $$
  select coalesce(t.expires_at, t.wake_at) - _now() from tasks t join workflows w using (key) where w.workflow_id = id
$$;

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', delay => '1 day') \g /dev/null
select is(pg_temp.waits_for('pgtap a'), '24 hours', 'a delay');

select set_delay('pgtap a', '2 days') \g /dev/null
select is(pg_temp.waits_for('pgtap a'), '48 hours', 'a delay that is changed');

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b', expires_in => '1 day') \g /dev/null
select is(pg_temp.waits_for('pgtap b'), '24 hours', 'an expiry');

select debounce('pgtap', 'key', '1 day', queue => 'pgtap', workflow_id => 'pgtap c') \g /dev/null
select debounce('pgtap', 'key', '2 days', queue => 'pgtap') \g /dev/null
select is(pg_temp.waits_for('pgtap c'), '48 hours', 'the delay of a debounce');
select debounce('pgtap', 'key', '1 day', queue => 'pgtap', max_delay => '1 day') \g /dev/null
select is(pg_temp.waits_for('pgtap c'), '24 hours', 'and its bound');

select is(_backoff('1 day', 2, '1 day', 2), '24 hours', 'the longest wait for a retry');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(5);

select register_executor('pgtap', '10 minutes') as worker \gset
update executors set lease_until = clock_timestamp() + interval '1 minute' where executor_id = :worker;

select lease_until as until, renew_in, suspend_after from heartbeat(:worker) \gset
select ok(
  :'until'::timestamptz between clock_timestamp() + interval '9 minutes' and clock_timestamp() + interval '10 minutes',
  'it returns when the lease ends'
);
select is(lease_until, :'until', 'which is recorded') from list_executors() where executor_id = :worker;
select ok(
  :'renew_in'::interval between interval '170 seconds' and interval '200 seconds',
  'when to call again: three times in the span, and a little earlier'
);
select is(
  (select count(distinct (heartbeat(:worker)).renew_in) > 1 from generate_series(1, 5)), true,
  'workers that began together do not stay in step'
);
select is(:'suspend_after'::interval, interval '5 seconds', 'and how long a wait is made in memory');

select * from finish();
rollback;

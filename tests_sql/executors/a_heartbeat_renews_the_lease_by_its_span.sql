begin;
\ir ../_setup.inc
select plan(2);

select register_executor('pgtap', '10 minutes') as worker \gset
update executors set lease_until = clock_timestamp() + interval '1 minute' where executor_id = :worker;

select heartbeat(:worker) as until \gset
select ok(
  :'until'::timestamptz between clock_timestamp() + interval '9 minutes' and clock_timestamp() + interval '10 minutes',
  'it returns when the lease ends'
);
select is(lease_until, :'until', 'which is recorded') from list_executors() where executor_id = :worker;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select deregister_executor(:worker) \g /dev/null

select is(heartbeat(:worker), null, 'deregistered');
select is(heartbeat(-1), null, 'unknown');
select is(heartbeat(null), null, 'null');

select * from finish();
rollback;

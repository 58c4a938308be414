begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select deregister_executor(:worker) \g /dev/null

select ok(h is null, 'deregistered') from heartbeat(:worker) as h;
select ok(h is null, 'unknown') from heartbeat(-1) as h;
select ok(h is null, 'null') from heartbeat(null) as h;

select * from finish();
rollback;

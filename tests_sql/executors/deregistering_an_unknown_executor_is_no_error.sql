begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select is(deregister_executor(:worker), 0, 'one that runs nothing');
select is(deregister_executor(:worker), 0, 'again');
select is(deregister_executor(-1), 0, 'unknown');
select is(deregister_executor(null), 0, 'null');

select * from finish();
rollback;

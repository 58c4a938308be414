begin;
\ir ../_setup.inc
select plan(6);

select ok(pg_has_role(:'operator', :'worker_role', 'usage'), 'an operator is a worker');
select ok(pg_has_role(:'worker_role', :'client', 'usage'), 'a worker is a client');
select ok(not pg_has_role(:'client', :'worker_role', 'member'), 'a client is no worker');
select ok(not pg_has_role(:'worker_role', :'operator', 'member'), 'a worker is no operator');
select is(pg_temp.sqlstate_as(:'operator', 'select run_maintenance()'), '00000', 'run_maintenance');
select is(pg_temp.sqlstate_as(:'operator', $$select enqueue('pgtap', queue => 'pgtap')$$), '00000', 'enqueue');

select * from finish();
rollback;

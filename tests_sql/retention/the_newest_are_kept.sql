begin;
\ir ../_setup.inc
\ir _kept.inc
select plan(6);

select pg_temp.history('pgtap', 5) \g /dev/null
select pg_temp.history('pgtap other', 2) \g /dev/null
select set_retention('pgtap', max_count => 3) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 3,pgtap 4,pgtap 5}', 'the newest three of the name');
select is(cardinality(pg_temp.kept('pgtap other')), 2, 'others are not counted');

insert into workflows (key, workflow_id, name, max_recovery_attempts, created_at)
values (nextval('task_keys'), 'pgtap 6', 'pgtap', 100, now());
insert into outcomes (key, status, attempts, completed_at)
select key, 'SUCCESS', 1, '2030-01-01 12:00:01+00' from workflows where workflow_id = 'pgtap 6';
set local perdure.test_clock = '2030-01-01 12:02+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 4,pgtap 5,pgtap 6}', 'one that ends pushes out the oldest');
select set_retention('pgtap', max_count => 3, max_age => '119.5 seconds') \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 6}', 'with an age too, what either of them says');
select set_retention('pgtap', max_count => 0) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), null, 'none is a number too');
select is(cardinality(pg_temp.kept('pgtap other')), 2);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _kept.inc
select plan(5);

select pg_temp.history('pgtap', 4) \g /dev/null
select run_maintenance() \g /dev/null
select is(cardinality(pg_temp.kept('pgtap')), 4, 'without a policy all is kept');
select set_retention(max_age => '2 minutes') \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 3,pgtap 4}', 'what ended two minutes ago or before goes');
set local perdure.test_clock = '2030-01-01 12:01+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 4}', 'the next when its time has come');
select ok(delete_retention(), 'there was a policy');
set local perdure.test_clock = '2031-01-01 12:01+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 4}', 'without it all is kept again');

select * from finish();
rollback;

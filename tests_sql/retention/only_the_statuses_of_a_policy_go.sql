begin;
\ir ../_setup.inc
\ir _kept.inc
select plan(2);

select pg_temp.history('pgtap', 3) \g /dev/null
update outcomes set status = 'ERROR' where key = (select key from workflows where workflow_id = 'pgtap 2');
select set_retention('pgtap', max_count => 1, statuses => '{SUCCESS,CANCELLED}') \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 2,pgtap 3}', 'others are kept');
select set_retention('pgtap', max_age => '0 seconds', statuses => '{ERROR}') \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap'), '{pgtap 3}');

select * from finish();
rollback;

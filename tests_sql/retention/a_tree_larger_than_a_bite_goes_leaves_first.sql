begin;
\ir ../_setup.inc
\ir _kept.inc
select plan(6);

select pg_temp.history('pgtap', 1) \g /dev/null
select pg_temp.history('pgtap child', 10500) \g /dev/null
update workflows set parent_key = (select key from workflows where workflow_id = 'pgtap 1'), parent_step = 1
where name = 'pgtap child';
update outcomes set completed_at = '2029-01-01' where key = (select key from workflows where workflow_id = 'pgtap 1');
select set_retention('pgtap', max_age => '1 day') \g /dev/null

-- The last one, two below the root.
select enqueue('pgtap late', queue => 'pgtap', workflow_id => 'pgtap late', delay => '1 hour') \g /dev/null
update workflows set parent_key = (select key from workflows where workflow_id = 'pgtap child 10500'), parent_step = 1
where workflow_id = 'pgtap late';
select run_maintenance() \g /dev/null
select is(cardinality(pg_temp.kept('pgtap child')), 10500, 'all are kept as long as one of them is active');
select is_empty($$select preview_retention('pgtap')$$);
select cancel('pgtap late') \g /dev/null
delete from workflows where workflow_id = 'pgtap late';
delete from outcomes where key not in (select key from workflows);
select set_retention('pgtap', max_age => '1 day') \g /dev/null
select run_maintenance() \g /dev/null
select is(cardinality(pg_temp.kept('pgtap child')), 500, 'ten thousand of its leaves');
select is(cardinality(pg_temp.kept('pgtap')), 1, 'and not its root');
select run_maintenance() \g /dev/null
select is(cardinality(pg_temp.kept('pgtap child')), null, 'then the rest');
select is(pg_temp.kept('pgtap'), null);

select * from finish();
rollback;

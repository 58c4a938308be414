begin;
\ir ../_setup.inc
\ir _kept.inc
select plan(6);

select pg_temp.history('pgtap', 2600) \g /dev/null
select set_retention('pgtap', max_count => 50) \g /dev/null
select set_retention('pgtap other', max_count => 50) \g /dev/null
select ok(next_lapse_in <= interval '0.1 seconds', 'the count has only begun: there is more to do') from run_maintenance();
select is(cardinality(pg_temp.kept('pgtap')), 2100, '500 at a call');
select run_maintenance(100) \g /dev/null
select is(cardinality(pg_temp.kept('pgtap')), 2000, 'or as many as asked for');
select run_maintenance() from generate_series(1, 6) \g /dev/null
select is(cardinality(pg_temp.kept('pgtap')), 50, 'all in the end');
select is((pg_temp.kept('pgtap'))[1], 'pgtap 2551', 'the right ones');
select ok((next_lapse_in <= interval '0.1 seconds') is not true, 'then there is nothing more') from run_maintenance();

select * from finish();
rollback;

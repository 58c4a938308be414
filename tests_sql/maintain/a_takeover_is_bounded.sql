begin;
\ir ../_setup.inc
\ir _maintained.inc
select plan(5);

select pg_temp.worker() as first, pg_temp.worker() as second \gset
select start(:first, 'pgtap') from generate_series(1, 5) \g /dev/null
select start(:second, 'pgtap') from generate_series(1, 5) \g /dev/null
select pg_temp.lapse(:first), pg_temp.lapse(:second) \g /dev/null

select is(pg_temp.maintained(3), '{1, 3, 0, 0, 0}', 'three of the first');
select is(pg_temp.maintained(3), '{1, 3, 0, 0, 0}', 'its last two and one of the second');
select is(pg_temp.maintained(100), '{0, 4, 0, 0, 0}', 'the rest');
select is(pg_temp.maintained(100), '{0, 0, 0, 0, 0}', 'nothing is left');
select ok(not exists (select from list_executors() where executor_id in (:first, :second)), 'both are gone');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _kept.inc
select plan(5);

select pg_temp.history('pgtap a', 2) \g /dev/null
select pg_temp.history('pgtap b', 2) \g /dev/null
select pg_temp.history('pgtap c', 2) \g /dev/null
select set_retention(max_count => 0) \g /dev/null
select set_retention('pgtap a') \g /dev/null
select set_retention('pgtap b', max_age => '30 seconds') \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap a'), '{pgtap a 1,pgtap a 2}', 'one that keeps all');
select is(pg_temp.kept('pgtap b'), '{pgtap b 2}', 'one that keeps some');
select is(pg_temp.kept('pgtap c'), null, 'the rest is for the policy of the rest');
select delete_retention('pgtap a') \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap a'), null, 'without its own a name is one of the rest, also for what was passed over');
select results_eq(
  'select workflow, max_age, max_count, statuses from list_retention()',
  $$values (null::text, null::interval, 0::bigint, null::text[]), ('pgtap b', interval '30 seconds', null, null)$$,
  'they are listed'
);

select * from finish();
rollback;

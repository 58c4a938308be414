begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker('pgtap busy') as busy, pg_temp.worker('pgtap late') as late \gset
select start(:busy, 'pgtap') from generate_series(1, 3) \g /dev/null
select pg_temp.lapse(:late) \g /dev/null

select results_eq(
  $$select name, alive, running from list_executors() where name like 'pgtap %'$$,
  $$values ('pgtap busy', true, 3::bigint), ('pgtap late', false, 0)$$
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(2);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || i, app_version => 'pgtap v' || i)
from generate_series(1, 3) as i \g /dev/null
select pg_temp.claimed(:v1) \g /dev/null
select register_executor('pgtap v2 dead', interval '1 hour', 'pgtap v2') as dead \gset
select pg_temp.lapse(:dead) \g /dev/null

select results_eq(
  $$select app_version, latest, registered_at is not null, executors, running, waiting from list_versions() where app_version like 'pgtap v_'$$,
  $$values ('pgtap v2', true, true, 1::bigint, 0::bigint, 1::bigint), ('pgtap v1', false, true, 1, 1, 0),
    ('pgtap v3', false, false, 0, 0, 1)$$
);
select results_eq(
  $$select name, app_version, latest from list_executors() where name like 'pgtap%' and alive order by name$$,
  $$values ('pgtap none', null, null), ('pgtap v1', 'pgtap v1', false), ('pgtap v2', 'pgtap v2', true)$$
);

select * from finish();
rollback;

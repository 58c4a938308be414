begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(7);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || g.id, app_version => g.version)
from (values ('a', 'pgtap v1'), ('b', 'pgtap v2'), ('c', null), ('d', 'pgtap v3')) as g (id, version) \g /dev/null

select is(pg_temp.claimed(:v1), array['pgtap a'], 'its own');
select is(pg_temp.claimed(:v2), array['pgtap b', 'pgtap c'], 'and what has no version, as it is the latest');
select is(pg_temp.claimed(:none), array['pgtap d'], 'one without version takes all');
select is(
  array(select app_version from unnest('{a,b,c,d}'::text[]) as g (id), get_workflow('pgtap ' || id)),
  array['pgtap v1', 'pgtap v2', 'pgtap v2', 'pgtap v3'], 'what is claimed belongs to the version'
);
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap e') \g /dev/null
select is(pg_temp.claimed(:none), array['pgtap e'], 'also what has none');
select is((select app_version from get_workflow('pgtap e')), null, 'which stays so');
select throws_ok(
  $$select enqueue('pgtap', queue => 'pgtap', app_version => '')$$, 'PD001',
  'version is empty'
);

select * from finish();
rollback;

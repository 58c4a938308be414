begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(9);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || id, max_recovery_attempts => 0)
from unnest('{ended,cancelled,died}'::text[]) as id \g /dev/null
create temp table run as select * from claim(:v2, array['pgtap'], 10);
select finish_many(array[workflow_key], array[token], array[null]::json[]) from run where workflow_id = 'pgtap ended' \g /dev/null
select cancel('pgtap cancelled') \g /dev/null
select pg_temp.lapse(:v2) \g /dev/null
select run_maintenance() \g /dev/null
select is((select status || ' ' || app_version from get_workflow('pgtap ' || g.id)), g.found)
from (values ('ended', 'SUCCESS pgtap v2'), ('cancelled', 'CANCELLED pgtap v2'),
  ('died', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED pgtap v2')) as g (id, found);

select resume('pgtap cancelled', queue => 'pgtap') \g /dev/null
select is(pg_temp.claimed(:v1), '{}'::text[]);
select is((select app_version from get_workflow('pgtap cancelled')), 'pgtap v2', 'what is resumed belongs to it');
select fork('pgtap ended', new_workflow_id => 'pgtap fork', queue => 'pgtap', app_version => 'pgtap v1') \g /dev/null
select is(pg_temp.claimed(:v1), array['pgtap fork'], 'a fork to what it is made for');

select export_workflow('pgtap cancelled') as document \gset
select cancel('pgtap cancelled') \g /dev/null
select delete_workflows(array['pgtap cancelled']) \g /dev/null
select throws_ok($$select get_workflow('pgtap cancelled')$$, 'PD002');
select import_workflow(:'document') \g /dev/null
select is((select app_version from get_workflow('pgtap cancelled')), 'pgtap v2', 'it is imported with it');
select is(pg_temp.claimed(:v1, queue => 'pgtap'), '{}'::text[]);

select * from finish();
rollback;

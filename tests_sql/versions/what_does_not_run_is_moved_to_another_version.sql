begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(16);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || g.id, app_version => 'pgtap v1', delay => g.delay)
from (values ('runs', null), ('a', null), ('b', null), ('later', '1 hour'::interval)) as g (id, delay) \g /dev/null
select is(pg_temp.claimed(:v1, 1), array['pgtap runs']);

select is(set_version('pgtap v2', array['pgtap a', 'pgtap runs', 'pgtap unknown']), 1, 'of those named, what does not run');
select is(set_version('pgtap v2', array['pgtap a']), 0, 'it is there already');
select is(pg_temp.claimed(:v2), array['pgtap a']);
select is(set_version('pgtap v2', from_version => 'pgtap v1', max_workflows => 1), 1, 'of a version, not more than asked for');
select is(set_version('pgtap v2', from_version => 'pgtap v1'), 1, 'the rest');
select is(set_version('pgtap v2', from_version => 'pgtap v1'), 0);
select is(pg_temp.claimed(:v2), array['pgtap b']);
select is((select app_version from get_workflow('pgtap later')), 'pgtap v2', 'also what is delayed');
select is(set_version(null, from_version => 'pgtap v2'), 1, 'to none');
select is((select app_version from get_workflow('pgtap later')), null);
select is(set_version('pgtap v9', workflow_ids => array['pgtap later']), 1, 'to one that nobody has registered');
-- As before anybody had registered a version.
delete from versions;
delete from version_pins;
select set_version('pgtap v8', workflow_ids => array['pgtap later']) \g /dev/null
update tasks set status = 'ENQUEUED', wake_at = null where app_version = 'pgtap v8';
select is(pg_temp.claimed(:none), array['pgtap later'], 'there it is found');

select throws_ok($$select set_version('v')$$, 'PD001', 'set_version moves either the workflows of workflow_ids or those of from_version');
select throws_ok(
  $$select set_version('v', array['a'], 'w')$$, 'PD001',
  'set_version moves either the workflows of workflow_ids or those of from_version'
);
select throws_ok($$select set_version('v', array['a'], max_workflows => 0)$$, 'PD001', 'cannot move 0 workflows');

select * from finish();
rollback;

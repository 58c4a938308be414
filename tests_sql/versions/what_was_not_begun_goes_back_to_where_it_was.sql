begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(11);

select set_latest_version('pgtap v1') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b', app_version => 'pgtap v1') \g /dev/null
select is(pg_temp.claimed(:v1), array['pgtap a', 'pgtap b']);
select set_latest_version('pgtap v2') \g /dev/null

select reconcile(:v1, '{}') \g /dev/null
select is(pg_temp.claimed(:v2), array['pgtap a'], 'the answer to a claim was lost');
select set_latest_version('pgtap v1') \g /dev/null
select release_many(array_agg(t.key), array_agg(t.token))
from tasks t join workflows w on w.key = t.key where w.workflow_id = 'pgtap a' \g /dev/null
select is(pg_temp.claimed(:v1), array['pgtap a', 'pgtap b'], 'it was released');
select set_latest_version('pgtap v2') \g /dev/null
select deregister_executor(:v1) \g /dev/null
select is(pg_temp.claimed(:v2), array['pgtap a'], 'its executor went away');
select is((select app_version from get_workflow('pgtap b')), 'pgtap v1', 'what was pinned stays so');

select pg_temp.lapse(:v2) \g /dev/null
select run_maintenance() \g /dev/null
select is((select app_version from get_workflow('pgtap a')), 'pgtap v2', 'what may have been begun does, too');
select register_executor('pgtap v2 again', interval '1 hour', 'pgtap v2') as again \gset
select workflow_key, token from claim(:again, array['pgtap']) \gset
select release(:workflow_key, :token) \g /dev/null
select is((select app_version from get_workflow('pgtap a')), 'pgtap v2', 'also when its second attempt is given back');

-- What was moved was there, too.
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap c', app_version => 'pgtap v1') \g /dev/null
select set_version('pgtap v2', '{pgtap c}') \g /dev/null
select workflow_key, token from claim(:again, array['pgtap'], 100) where workflow_id = 'pgtap c' \gset
select release(:workflow_key, :token) \g /dev/null
select is((select app_version from get_workflow('pgtap c')), 'pgtap v2', 'of another version, where it was moved to');
select set_version(null, '{pgtap c}') \g /dev/null
select set_latest_version('pgtap v2') \g /dev/null
select workflow_key, token from claim(:again, array['pgtap'], 100) where workflow_id = 'pgtap c' \gset
select release(:workflow_key, :token) \g /dev/null
select is((select app_version from get_workflow('pgtap c')), null, 'also to none');
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap d') \g /dev/null
select set_version('pgtap v2', '{pgtap d}') \g /dev/null
select workflow_key, token from claim(:again, array['pgtap'], 100) where workflow_id = 'pgtap d' \gset
select release(:workflow_key, :token) \g /dev/null
select is((select app_version from get_workflow('pgtap d')), 'pgtap v2', 'also from none');
select cancel('pgtap d'), resume('pgtap d') \g /dev/null
select is((select app_version from get_workflow('pgtap d')), 'pgtap v2');

select * from finish();
rollback;

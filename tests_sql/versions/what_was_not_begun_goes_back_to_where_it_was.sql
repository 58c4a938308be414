begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(7);

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

select * from finish();
rollback;

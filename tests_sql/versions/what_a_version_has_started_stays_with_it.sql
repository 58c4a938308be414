begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(10);

select set_config('perdure.test_clock', '2030-01-01 12:00:00+00', true) \g /dev/null
select set_latest_version('pgtap v1') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || g.id, retries => 1)
from unnest('{dies,sleeps,fails,returns,ends}'::text[]) as g (id) \g /dev/null
create temp table run as select * from claim(:v1, array['pgtap'], 5);
select set_latest_version('pgtap v2') \g /dev/null

select * from suspend_many(
  array(select workflow_key from run where workflow_id = 'pgtap sleeps'),
  array(select token from run where workflow_id = 'pgtap sleeps'), array['1 minute'::interval]) \g /dev/null
select finish(workflow_key, token, error => '{}') from run where workflow_id = 'pgtap fails' \g /dev/null
select finish(workflow_key, token) from run where workflow_id = 'pgtap ends' \g /dev/null
select record_step(workflow_key, token, 1, 'pgtap') from run where workflow_id = 'pgtap returns' \g /dev/null
select release(workflow_key, token) from run where workflow_id = 'pgtap returns' \g /dev/null
select workflow_key as direct from start(:v1, 'pgtap', workflow_id => 'pgtap direct') \gset
select is((select app_version from get_workflow('pgtap direct')), 'pgtap v1', 'of a direct start');
select pg_temp.lapse(:v1) \g /dev/null
select is((select workflows_requeued from run_maintenance()), 2);
select set_config('perdure.test_clock', '2030-01-01 12:02:00+00', true) \g /dev/null

select is(pg_temp.claimed(:v2), '{}'::text[], 'no other version takes it');
select is((select app_version from get_workflow('pgtap ends')), 'pgtap v1', 'it has run what has ended');
select register_executor('pgtap v1 again', interval '1 hour', 'pgtap v1') as again \gset
select set_eq(
  format('select unnest(pg_temp.claimed(%s))', :again),
  array['pgtap dies', 'pgtap sleeps', 'pgtap fails', 'pgtap returns', 'pgtap direct'],
  'its own does'
);
-- Also with a place in a limited queue.
select register_queue('pgtap limited', concurrency => 5) \g /dev/null
select enqueue('pgtap', queue => 'pgtap limited', workflow_id => 'pgtap limited', app_version => 'pgtap v1') \g /dev/null
select workflow_key, token from claim(:again, array['pgtap limited']) \gset
select suspend(:workflow_key, :token, '1 minute') \g /dev/null
select set_config('perdure.test_clock', '2030-01-01 12:05:00+00', true) \g /dev/null
select is(pg_temp.claimed(:v2, queue => 'pgtap limited'), '{}'::text[]);
select is(pg_temp.claimed(:again, queue => 'pgtap limited'), array['pgtap limited'], 'its own, when it returns with its place');
-- One without version.
select pg_temp.worker('pgtap none too') as too \gset
select enqueue('pgtap', queue => 'pgtap limited', workflow_id => 'pgtap pinned', app_version => 'pgtap v1') \g /dev/null
select is(pg_temp.claimed(:too, queue => 'pgtap limited'), array['pgtap pinned'], 'so does one without version');
select deregister_executor(:too) \g /dev/null
select is((select app_version from get_workflow('pgtap pinned')), 'pgtap v1', 'which changes nothing');
select is(pg_temp.claimed(:v2, queue => 'pgtap limited'), '{}'::text[]);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(3);

create function pg_temp.life()
returns void
language plpgsql
as $$
declare
  v_worker bigint := register_executor('pgtap');
  v_run record;
begin
  perform register_queue('pgtap new');
  perform enqueue('pgtap', queue => 'pgtap new', workflow_id => 'pgtap a');
  select * into strict v_run from claim(v_worker, array['pgtap new']);
  perform enqueue_many('pgtap', '{1}', 'pgtap new', parent_keys => array[v_run.workflow_key],
    parent_tokens => array[v_run.token], parent_steps => '{1}');
  perform start_many(v_worker, '{pgtap}', '{1}', parent_keys => array[v_run.workflow_key],
    parent_tokens => array[v_run.token], parent_steps => '{2}');
  perform start(v_worker, 'pgtap');
  perform fail_step(v_run.workflow_key, v_run.token, 3, 'charge', '"no"', 1, 3);
  perform record_step(v_run.workflow_key, v_run.token, 3, 'charge', '1');
  perform record_steps(array[v_run.workflow_key], array[v_run.token], '{4}', '{ship}', '{1}');
  perform suspend(v_run.workflow_key, v_run.token);
  select * into strict v_run from claim(v_worker, array['pgtap new']);
  perform release(v_run.workflow_key, v_run.token);
  select * into strict v_run from claim(v_worker, array['pgtap new']);
  perform release_many('{}', '{}'), suspend_many('{}', '{}'), finish_many('{}', '{}', '{}');
  perform finish(v_run.workflow_key, v_run.token, '"done"');
  perform heartbeat(v_worker), reconcile(v_worker, '{}'), run_maintenance();
  perform count(*) from list_executors();
  perform deregister_executor(v_worker);
end
$$;

select is(pg_temp.sqlstate_as(role, 'select pg_temp.life()'), '00000', role)
from unnest(array[:'worker_role', :'operator']) as role
limit 1;
select is(pg_temp.status('pgtap a'), 'SUCCESS');
select is((select count(*) from list_steps('pgtap a')), 4::bigint);

select * from finish();
rollback;

-- Of a queue with one place: whichever way the workflow that has it leaves its worker for good,
-- the next one starts.
begin;
\ir ../_setup.inc
select plan(20);

create function pg_temp.next_after(way text)
returns text
language plpgsql
as $$
declare
  v_worker bigint := pg_temp.worker();
  v_other bigint := pg_temp.worker();
  v_queue text := 'pgtap ' || way;
  v_run record;
begin
  perform register_queue(v_queue, concurrency => 1);
  perform enqueue('pgtap', queue => v_queue, workflow_id => v_queue || ' a', retries => 1,
    retry_interval => '1 hour',
    max_recovery_attempts => case when way = 'dead letter' then 0 else 100 end);
  select c.workflow_key as key, c.token into v_run from claim(v_worker, array[v_queue]) as c;
  -- More urgent, so that it is the next even if the first waits again.
  perform enqueue('pgtap', queue => v_queue, workflow_id => v_queue || ' b', priority => -1);
  if exists (select from claim(v_other, array[v_queue])) then
    return 'there was a place all the time';
  end if;
  case way
    when 'success' then perform finish(v_run.key, v_run.token);
    when 'retry' then perform finish(v_run.key, v_run.token, error => '"no"');
    when 'error' then
      update tasks set failures = 1 where key = v_run.key;
      perform finish(v_run.key, v_run.token, error => '"no"');
    when 'release' then perform release(v_run.key, v_run.token);
    when 'release for a while' then perform release(v_run.key, v_run.token, '1 hour');
    when 'reconcile' then perform reconcile(v_worker, '{}');
    when 'deregister' then perform deregister_executor(v_worker);
    when 'takeover', 'dead letter' then
      perform pg_temp.lapse(v_worker);
      perform run_maintenance();
    when 'nothing' then null;
    when 'suspend' then perform suspend(v_run.key, v_run.token, '1 hour');
  end case;
  return (select c.workflow_id from claim(v_other, array[v_queue]) as c);
end
$$;

select is(pg_temp.next_after(way), 'pgtap ' || way || ' b', way)
from unnest(array[
  'success', 'error', 'retry', 'release', 'release for a while', 'reconcile', 'deregister', 'takeover', 'dead letter'
]) as way;
select is(pg_temp.status('pgtap ' || way || ' a'), status, way)
from (values
  ('success', 'SUCCESS'), ('error', 'ERROR'), ('retry', 'DELAYED'), ('release', 'ENQUEUED'),
  ('release for a while', 'DELAYED'), ('reconcile', 'ENQUEUED'), ('deregister', 'ENQUEUED'),
  ('takeover', 'ENQUEUED'), ('dead letter', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
) as v (way, status);
select is(pg_temp.next_after(way), null, way) from unnest('{nothing, suspend}'::text[]) as way;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(20);

-- Goes so far with a workflow that has a deduplication id, and says whether it holds the id then.
create function pg_temp.holds_after(way text)
returns boolean
language plpgsql
as $$
declare
  v_worker bigint := pg_temp.worker();
  v_id text := 'pgtap ' || way;
  v_run record;
begin
  perform set_config('perdure.test_clock', '2030-01-01 12:00+00', true);
  perform register_queue(v_id);
  perform enqueue('pay', queue => v_id, workflow_id => v_id, deduplication_id => 'order', retries => 1,
    expires_in => case when way like 'exp%' then interval '1 minute' end,
    delay => case when way like 'delay%' then interval '1 minute' end,
    max_recovery_attempts => case when way = 'dead letter' then 0 else 100 end);
  if way like 'exp%' or way = 'delayed that wakes' then
    perform set_config('perdure.test_clock', '2030-01-01 12:01+00', true);
  end if;
  if way not in ('enqueue', 'expiry', 'delayed') then
    select c.workflow_key as key, c.token into v_run from claim(v_worker, array[v_id]) as c;
  end if;
  case way
    when 'enqueue', 'claim', 'delayed', 'delayed that wakes', 'expiry in a claim' then null;
    when 'success' then perform finish(v_run.key, v_run.token);
    when 'retry' then perform finish(v_run.key, v_run.token, error => '"no"');
    when 'error' then
      update tasks set failures = 1 where key = v_run.key;
      perform finish(v_run.key, v_run.token, error => '"no"');
    when 'suspend' then perform suspend(v_run.key, v_run.token, '1 hour');
    when 'release' then perform release(v_run.key, v_run.token);
    when 'release for a while' then
      perform release(v_run.key, v_run.token, '1 minute');
      perform set_config('perdure.test_clock', '2030-01-01 12:01+00', true);
      perform run_maintenance();
    when 'expiry' then perform run_maintenance();
    when 'takeover', 'dead letter' then
      perform pg_temp.lapse(v_worker);
      perform run_maintenance();
  end case;
  return exists (
    select from deduplications d join workflows w using (key)
    where w.workflow_id = v_id and d.deduplication_id = 'order'
  );
end
$$;

select ok(pg_temp.holds_after(way), way)
from unnest(array[
  'enqueue', 'delayed', 'delayed that wakes', 'claim', 'suspend', 'release', 'release for a while', 'retry', 'takeover'
]) as way;
select ok(not pg_temp.holds_after(way), way)
from unnest(array['success', 'error', 'expiry', 'expiry in a claim', 'dead letter']) as way;

select throws_ok(
  $$select enqueue('pay', queue => 'pgtap retry', deduplication_id => 'order')$$, 'PD012', null, 'what is held is rejected'
);
select lives_ok(format($$select enqueue('pay', queue => %L, deduplication_id => 'order')$$, 'pgtap ' || way), way || ', again')
from unnest(array['success', 'error', 'expiry', 'expiry in a claim', 'dead letter']) as way;

select * from finish();
rollback;

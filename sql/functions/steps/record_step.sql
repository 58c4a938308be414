-- Calls: record_steps.
-- Locks: the task, as record_steps does.
--
-- The usual case, one step that is recorded now, is one statement without arrays. Whatever it does not write
-- is left to record_steps.
create or replace function record_step(
  workflow_key bigint,
  token bigint,
  step int,
  name text,
  output json default null,
  error json default null,
  duration interval default null
)
returns boolean
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_result record;
begin
  with held as materialized (
    select t.key
    from tasks t
    where t.key = workflow_key and t.token = record_step.token
    for no key update
  )
  insert into steps (key, step, name, output, error, started_at, completed_at)
  select
    h.key, record_step.step, record_step.name, record_step.output, record_step.error,
    v_now - record_step.duration, v_now
  from held h
  on conflict (key, step) do nothing;
  if found then
    return true;
  end if;

  select r.outcome, r.name into v_result
  from record_steps(
    array[workflow_key], array[token], array[record_step.step], array[record_step.name],
    array[record_step.output], array[record_step.error], array[record_step.duration]
  ) as r;

  if not found then
    return true;
  end if;
  if v_result.outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_result.outcome = 'unexpected step' then
    perform _raise_unexpected_step(record_step.step, v_result.name, record_step.name);
  end if;
  return false;
end
$$;

comment on function record_step(bigint, bigint, int, text, json, json, interval) is
  'Records one completed step; see record_steps.
Returns true if it was recorded now, false if it was recorded before: record_steps and list_steps tell what stands.
Raises PD004 (lease lost), PD005 (a step of another name is recorded there).';

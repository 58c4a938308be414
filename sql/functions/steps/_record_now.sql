create or replace function _record_now(
  workflow_key bigint,
  step int,
  name text,
  output json default null,
  retry_at timestamptz default null
)
returns text
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_recorded text;
begin
  insert into steps (key, step, name, output, started_at, completed_at, retry_at)
  values (workflow_key, _record_now.step, _record_now.name, _record_now.output, _now(), _now(), _record_now.retry_at)
  on conflict (key, step) do nothing;
  if found then
    return null;
  end if;
  select s.name into v_recorded from steps s where s.key = workflow_key and s.step = _record_now.step;
  return case when v_recorded = _record_now.name then 'recorded before' else 'unexpected step' end;
end
$$;

comment on function _record_now(bigint, int, text, json, timestamptz) is
  'Records a step of the engine''s own, for the caller that holds the task. Returns null if it is recorded now,
else ''recorded before'' or ''unexpected step''.';

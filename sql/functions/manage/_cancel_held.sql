-- Calls: _end_tasks. For the caller that holds them (_hold_family).
create or replace function _cancel_held(
  active bigint[],
  dead bigint[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_error json := json_build_object(
    'name', 'WorkflowCancelled', 'message', 'the workflow was cancelled', 'code', null, 'data', null
  );
begin
  if active <> '{}' then
    perform _end_tasks(active, 'CANCELLED', v_error);
  end if;
  if dead <> '{}' then
    update outcomes o
    set status = 'CANCELLED', error = v_error, completed_at = _now()
    where o.key = any (dead);
  end if;
end
$$;

comment on function _cancel_held(bigint[], bigint[]) is
  'Cancels workflows that are active, and others that are dead-lettered. The caller holds them.';

create or replace function _waiting_since(
  workflow_key bigint
)
returns timestamptz
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
begin
  return (select w.created_at from workflows w where w.key = workflow_key);
end
$$;

comment on function _waiting_since(bigint) is 'When a workflow was created; null for null.';

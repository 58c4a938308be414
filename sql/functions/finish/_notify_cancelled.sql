create or replace function _notify_cancelled(
  workflow_keys bigint[]
)
returns void
language sql
volatile
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
  select pg_notify(current_schema() || '.cancelled', w.workflow_id)
  from workflows w
  where w.key = any (workflow_keys)
$$;

comment on function _notify_cancelled(bigint[]) is
  'Tells on channel <schema>.cancelled, one notification each, that these workflows, which an executor runs,
have been ended by somebody else.';

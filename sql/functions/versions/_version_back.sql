create or replace function _version_back(
  workflow_key bigint,
  attempts int,
  app_version text
)
returns text
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  if _version_back.app_version = '' or attempts > 1
    or exists (select from steps s where s.key = workflow_key)
  then
    return _version_back.app_version;
  end if;
  return coalesce((select w.app_version from workflows w where w.key = workflow_key), '');
end
$$;

comment on function _version_back(bigint, int, text) is
  'The version that a workflow has when its executor gives it back: the one that it was enqueued for, if this was
its first attempt and no step is recorded; else its present one.';

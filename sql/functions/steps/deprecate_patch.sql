create or replace function deprecate_patch(
  workflow_key bigint,
  token bigint,
  step int,
  name text
)
returns boolean
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  if not exists (select from tasks t where t.key = workflow_key and t.token = deprecate_patch.token) then
    perform _raise_lease_lost(workflow_key);
  end if;
  return exists (
    select from steps s
    where s.key = workflow_key and s.step = deprecate_patch.step
      and s.name = 'perdure.patch-' || deprecate_patch.name
  );
end
$$;

comment on function deprecate_patch(bigint, bigint, int, text) is
  'Stands where patch stood, once no run without the patch is left: all take the new way, and new ones record
nothing. When no run that recorded the patch is left either, it can go.
workflow_key, token, step, name: as for patch.
Returns true if the patch is recorded as this step: then the next step has the next number; false: it has this one.
Raises PD004 (lease lost).';

-- Calls: _count_back, _sweep, _forget_removed.
-- Locks: policies, then what is removed; all skip what others hold. Nothing is written where nothing is to do.
create or replace function _apply_retention(
  max_workflows int
)
returns boolean
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_policy retention;
  v_swept retention;
  v_step record;
  v_all_done boolean := true;
  v_left int := least(max_workflows, 500);
begin
  perform _forget_removed();
  if not exists (select from retention) then
    return true;
  end if;

  for v_policy in
    select r.*
    from retention r
    where r.max_age is not null or r.max_count is not null
    -- By lot: no policy keeps the others waiting.
    order by random()
    limit 20
    for update skip locked
  loop
    v_swept := v_policy;
    if v_swept.max_count is not null then
      v_swept := _count_back(v_swept);
      v_all_done := v_all_done and v_swept.counting_at is null;
    end if;
    v_step := _sweep(v_swept, v_left);
    v_swept.swept_at := v_step.swept_at;
    v_swept.swept_key := v_step.swept_key;
    v_swept.sweep_began_at := v_step.sweep_began_at;
    v_left := v_left - v_step.removed;
    v_all_done := v_all_done and v_step.is_done;
    if v_swept is distinct from v_policy then
      update retention r
      set swept_at = v_swept.swept_at,
          swept_key = v_swept.swept_key,
          sweep_began_at = v_swept.sweep_began_at,
          cutoff_at = v_swept.cutoff_at,
          cutoff_key = v_swept.cutoff_key,
          counting_at = v_swept.counting_at,
          counting_key = v_swept.counting_key,
          counted = v_swept.counted,
          count_began_at = v_swept.count_began_at,
          newest_at = v_swept.newest_at,
          newest_key = v_swept.newest_key
      where r.workflow = v_policy.workflow;
    end if;
    exit when v_left <= 0;
  end loop;
  return v_all_done;
end
$$;

comment on function _apply_retention(int) is
  'Removes what no policy keeps, some hundreds at a call. Returns whether there is nothing more for now.';

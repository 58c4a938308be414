-- Calls: _time_out.
-- Locks: tasks, in the order of their deadlines, skipping what others hold: a worker that is writing keeps
-- its workflow until the next call. run_maintenance then says that this is due (_next_moment), and each
-- claim looks too.
create or replace function _time_out_due(
  max_workflows int
)
returns int
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_due bigint[];
begin
  select array_agg(d.key) into v_due
  from (
    select t.key
    from tasks t
    where t.deadline is not null and t.deadline <= v_now
    order by t.deadline, t.key
    limit max_workflows
    for update skip locked
  ) as d;

  if v_due is null then
    return 0;
  end if;
  perform _time_out(v_due);
  return cardinality(v_due);
end
$$;

comment on function _time_out_due(int) is
  'Cancels workflows whose deadline has passed, in whatever state they are, earliest first, at most so many.
Returns how many.';

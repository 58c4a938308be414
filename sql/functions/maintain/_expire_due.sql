-- Calls: _end_tasks.
-- Locks: tasks, in the order in which they expire, skipping what others hold.
create or replace function _expire_due(
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
  v_expired bigint[];
begin
  select array_agg(d.key) into v_expired
  from (
    select t.key
    from tasks t
    where t.expires_at is not null and t.status in ('ENQUEUED', 'DELAYED')
      and t.expires_at <= v_now
    order by t.expires_at, t.key
    limit max_workflows
    for update skip locked
  ) as d;

  if v_expired is null then
    return 0;
  end if;
  perform _end_tasks(
    v_expired, 'CANCELLED',
    json_build_object(
      'name', 'WorkflowCancelled', 'message', 'it expired before it started', 'code', null, 'data', null
    )
  );
  return cardinality(v_expired);
end
$$;

comment on function _expire_due(int) is
  'Cancels workflows that waited past the moment at which they expire, at most so many. Returns how many.';

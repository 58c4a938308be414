-- A workflow that was put down has kept its place in the limits of its queue: it only needs a
-- worker again.
create or replace function _take_returning(
  queue_id int,
  executor_id bigint,
  max_workflows int,
  versions text[],
  own_version text
)
returns bigint[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_version text;
  v_found bigint[];
  v_keys bigint[] := '{}'::bigint[];
begin
  -- Mostly nothing does, and to see that costs less than half.
  if not exists (
    select from tasks t
    where t.status = 'ENQUEUED' and t.placed and t.queue_id = _take_returning.queue_id
  ) then
    return v_keys;
  end if;
  foreach v_version in array versions loop
    with ready as materialized (
      select t.key
      from tasks t
      where t.status = 'ENQUEUED' and t.placed
        and t.queue_id = _take_returning.queue_id
        and t.app_version = v_version
        and (t.deadline > v_now) is not false
      order by t.queue_id, t.app_version, t.key
      limit max_workflows - cardinality(v_keys)
      for update skip locked
    ),
    claimed as (
      update tasks t
      set status = 'PENDING',
          executor_id = _take_returning.executor_id,
          token = nextval('claim_tokens'),
          attempts = t.attempts + 1,
          app_version = coalesce(own_version, t.app_version)
      from ready r
      where t.key = r.key
      returning t.key
    )
    select array_agg(c.key) into v_found from claimed c;
    v_keys := v_keys || v_found;
  end loop;
  return v_keys;
end
$$;

comment on function _take_returning(int, bigint, int, text[], text) is
  'Hands workflows of these versions that return to a limited queue, and have kept their place there, to an executor.';

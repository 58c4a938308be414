-- Locks: tasks of one lane and version, in its order, skipping what others hold.
--
-- The plan is pinned to tasks_ready. Without that a generic plan takes the limit for a tenth
-- of the backlog and sorts all of it: 32 claims/s at 100,000 waiting against 1,000 to 2,000.
create or replace function _take_ready(
  queue_id int,
  app_version text,
  lane_id int,
  executor_id bigint,
  own_version text,
  max_workflows int,
  placed boolean,
  at timestamptz,
  from_rank double precision default '-Infinity',
  from_key bigint default -1,
  before_rank double precision default 'Infinity'
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
  v_keys bigint[];
begin
  -- Two statements: what is locked cannot change in between, and the update needs no join.
  v_keys := array(
    select t.key
    from tasks t
    where t.status = 'ENQUEUED' and not t.placed
      and t.queue_id = _take_ready.queue_id
      and t.app_version = _take_ready.app_version
      and t.lane_id = _take_ready.lane_id
      and (t.rank, t.key) >= (from_rank, from_key) and t.rank < before_rank
      and (t.expires_at > at) is not false
      and (t.deadline > at) is not false
    order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
    limit max_workflows
    for update skip locked
  );
  if v_keys = '{}' then
    return v_keys;
  end if;

  update tasks t
  set status = 'PENDING',
      executor_id = _take_ready.executor_id,
      token = nextval('claim_tokens'),
      attempts = t.attempts + 1,
      started_at = at,
      -- It has started: however it comes back, it does not expire any more.
      expires_at = null,
      -- From the first start on, and never again.
      deadline = least(t.deadline, at + t.timeout),
      timeout = null,
      placed = _take_ready.placed,
      app_version = coalesce(own_version, t.app_version)
  where t.key = any (v_keys);
  return v_keys;
end
$$;

comment on function _take_ready(
  int, text, int, bigint, text, int, boolean, timestamptz, double precision, bigint, double precision
) is
  'Hands the first workflows of a lane and version, or of a part of their order, to an executor, with or without a
place in the limits. Returns their keys, in no order.';

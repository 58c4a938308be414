-- Calls: _backoff, _same_error.
-- Locks: tasks, by key.
--
-- A replay would meet the recorded error again, so the errors that the workflow ended with are
-- forgotten: the failed steps after the last one that succeeded, and any that failed with the very
-- error of the workflow, while others beside it went on. What succeeded stays.
create or replace function _retry_failed(
  workflow_keys bigint[],
  tokens bigint[],
  errors json[],
  at timestamptz
)
returns bigint[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_retrying bigint[];
  v_tokens bigint[];
  v_errors json[];
begin
  -- All of the batch is locked here, also what has not failed: finish_many locks that next, and
  -- whoever locks several does it by key.
  with held as materialized (
    select t.key, t.token, g.error, g.error is not null and t.failures < t.retries as is_retried
    from (
      -- Of two items for one claim the first counts.
      select distinct on (e.key, e.token) e.*
      from unnest(workflow_keys, tokens, errors) with ordinality as e (key, token, error, item)
      order by e.key, e.token, e.item
    ) as g
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key
    for no key update of t
  ),
  retrying as (
    update tasks t
    set status = 'DELAYED',
        failures = t.failures + 1,
        attempts = 0,
        wake_at = _retry_failed.at + _backoff(w.retry_interval, w.retry_backoff, w.retry_max_interval, t.failures + 1),
        executor_id = null,
        token = null,
        placed = false,
        resumed = true
    from held h
    cross join lateral (select f.* from workflows f where f.key = h.key offset 0) as w
    where t.key = h.key and h.is_retried
      -- One that could not begin before the deadline: it ends with its error instead.
      and (
        t.deadline <= _retry_failed.at + _backoff(w.retry_interval, w.retry_backoff, w.retry_max_interval, t.failures + 1)
      ) is not true
    returning t.key, h.token, h.error
  )
  select array_agg(r.key), array_agg(r.token), array_agg(r.error) into v_retrying, v_tokens, v_errors from retrying r;

  if v_retrying is not null then
    delete from steps s
    using unnest(v_retrying, v_errors) as g (key, error)
    where s.key = g.key
      and (
        s.step > coalesce(
          (select max(e.step) from steps e where e.key = s.key and e.error is null and e.completed_at is not null),
          0
        )
        or s.completed_at is not null and s.error is not null and _same_error(s.error, g.error)
      );
  end if;
  return v_tokens;
end
$$;

comment on function _retry_failed(bigint[], bigint[], json[], timestamptz) is
  'Of these failed workflows, delays those that have retries left, from this moment on. Returns the tokens that they gave up.';

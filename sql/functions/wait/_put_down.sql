-- Calls: _version_back, _tell_returned, _look_back.
-- Locks: the tasks, by key.
create or replace function _put_down(
  workflow_keys bigint[],
  tokens bigint[],
  delays interval[],
  status_until_then workflow_status
)
returns table (
  item int,
  outcome text
)
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
  v_now timestamptz := _now();
  v_held bigint[];
begin
  if workflow_keys is null
    or cardinality(workflow_keys) <> coalesce(cardinality(tokens), 0)
    or cardinality(workflow_keys) <> coalesce(cardinality(delays), cardinality(workflow_keys))
  then
    perform _raise(
      'PD001',
      'the arrays given differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;

  with held as materialized (
    select t.key, g.delay, g.item
    from unnest(workflow_keys, tokens, delays) with ordinality as g (key, token, delay, item)
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key, g.item
    for no key update of t
  ),
  put_down as (
    update tasks t
    set status = case when h.delay > interval '0' then status_until_then else 'ENQUEUED' end,
        wake_at = case when h.delay > interval '0' then v_now + _exact_span(h.delay) end,
        executor_id = null,
        token = null,
        attempts = t.attempts - 1,
        placed = t.placed and status_until_then = 'PENDING',
        resumed = true,
        app_version = case
          when t.app_version = '' or status_until_then = 'PENDING' then t.app_version
          else _version_back(t.key, t.attempts, t.app_version)
        end
    from held h
    where t.key = h.key
    returning t.queue_id, t.status, h.item
  ),
  told as (
    select _tell_returned(b.queue_id)
    from (select distinct queue_id from put_down where status = 'ENQUEUED') as b
  )
  select (select array_agg(p.item) from put_down p) into v_held
  from (select count(*) from told) as t;

  if status_until_then = 'PENDING'
    and exists (
      select from unnest(workflow_keys) as g (key)
      cross join lateral (
        select from waits w where w.waiter_key = g.key and w.waiter_key > 0 limit 1
      ) as w
    )
  then
    perform _look_back(array(select workflow_keys[h.item] from unnest(v_held) as h (item)));
  end if;

  return query
  select g.item, 'lease lost'
  from generate_series(1, cardinality(workflow_keys)) as g (item)
  where (g.item = any (v_held)) is not true
  order by g.item;
end
$$;

comment on function _put_down(bigint[], bigint[], interval[], workflow_status) is
  'Takes workflows from the executor that owns them and gives back the attempt; until its delay has
passed each has the status given. Returns a row for each that the caller does not own.';

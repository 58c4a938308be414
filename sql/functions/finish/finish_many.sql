-- Calls: _retry_failed, _notify_finished, _alert.
-- Locks: the tasks, by key. Deleting the task is what ends a workflow: of a finish, a takeover
-- and a cancel that meet, one finds it.
create or replace function finish_many(
  workflow_keys bigint[],
  tokens bigint[],
  outputs json[],
  errors json[] default null
)
returns table (
  item int,
  outcome text,
  status text,
  output json,
  error json,
  retry_in interval
)
language plpgsql
security definer
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
  v_many int := cardinality(workflow_keys);
  v_ended bigint[];
  v_watched bigint[];
  v_deduplicated bigint[];
  v_retrying bigint[];
  v_failed boolean := false;
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(outputs), 0),
    coalesce(cardinality(errors), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to finish_many differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;

  if exists (select from unnest(errors) as g (error) where g.error is not null) then
    v_retrying := _retry_failed(workflow_keys, tokens, errors, v_now);
    v_failed := true;
  end if;

  -- Those that are retried have given up their token and are not met here.
  with ended as (
    delete from tasks t
    using (
      -- Of two items for one claim the first counts.
      select e.*
      from unnest(workflow_keys, tokens, outputs, errors) with ordinality as e (key, token, output, error, item)
      order by e.key, e.item
    ) as h
    where t.key = h.key and t.token = h.token
    returning
      t.key, t.token, t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deduplicated, t.deadline,
      t.app_version,
      h.output, h.error, h.item
  ),
  written as (
    insert into outcomes (
      key, status, output, error, attempts, failures, executor_id, token, started_at, completed_at, deadline, app_version
    )
    select
      e.key,
      (case when e.error is null then 'SUCCESS' else 'ERROR' end)::workflow_status,
      case when e.error is null then e.output end,
      e.error, e.attempts, e.failures, e.executor_id, e.token, e.started_at, v_now, e.deadline,
      nullif(e.app_version, '')
    from ended e
    returning key
  )
  select
    array_agg(e.item),
    array_agg(e.key) filter (where e.watched),
    array_agg(e.key) filter (where e.deduplicated)
  into v_ended, v_watched, v_deduplicated
  from ended e;

  if v_deduplicated is not null then
    delete from deduplications d where d.key = any (v_deduplicated);
  end if;

  if v_watched is not null then
    perform _notify_finished(v_watched);
  end if;
  if v_failed and exists (select from unnest(v_ended) as g (item) where errors[g.item] is not null) then
    perform _alert('failed workflow');
  end if;
  if cardinality(v_ended) = v_many then
    return;
  end if;

  return query
  select
    g.item::int,
    case
      when g.token = any (v_retrying) then 'will be retried'
      when o.token = g.token then 'finished before'
      else 'lease lost'
    end,
    o.status::text, o.output, o.error,
    case when g.token = any (v_retrying) then (select t.wake_at from tasks t where t.key = g.key) - v_now end
  from unnest(workflow_keys, tokens) with ordinality as g (key, token, item)
  left join outcomes o on o.key = g.key
  where (g.item = any (v_ended)) is not true
  order by g.item;
end
$$;

comment on function finish_many(bigint[], bigint[], json[], json[]) is
  'Ends workflows that the caller owns: SUCCESS with an output, or ERROR with an error.
workflow_keys, tokens: from claim or start.
outputs: a JSON value each.
errors: null, or for a failed workflow what it raised: {name, message, code, data}; null elsewhere.
Returns no row if all ended now; else a row for each that did not, in order, with the status, output
and error that stand (null while it is active):
  ''will be retried'': it failed, has a retry policy, and goes back to its queue after the delay in retry_in;
  ''finished before'': the caller had ended it under this token already;
  ''lease lost'': another executor owns it, or somebody else has ended it.
Raises PD001 if the arrays differ in length.';

-- The second look of record_steps, under the locks it has taken: ends steps that had failed and
-- were to be tried again, and says of every other what stands in its place.
create or replace function _record_remaining(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  names text[],
  outputs json[],
  errors json[],
  durations interval[],
  new_keys bigint[],
  new_steps int[]
)
returns table (
  item int,
  outcome text,
  name text,
  output json,
  error json
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  return query
  with given as materialized (
    select
      g.*,
      row_number() over (partition by g.key, g.token, g.step order by g.item) as turn,
      exists (select from tasks t where t.key = g.key and t.token = g.token) as held
    from unnest(workflow_keys, tokens, _record_remaining.steps, names, outputs, errors, durations)
      with ordinality as g (key, token, step, name, output, error, duration, item)
  ),
  written as (
    select n.key, n.step
    from unnest(new_keys, new_steps) as n (key, step)
  ),
  retried as (
    update steps s
    set output = g.output,
        error = g.error,
        attempts = s.attempts + 1,
        started_at = v_now - g.duration,
        completed_at = v_now,
        retry_at = null
    from given g
    where g.held and g.turn = 1
      and s.key = g.key and s.step = g.step and s.name = g.name and s.completed_at is null
    returning s.key, s.step
  )
  select
    g.item::int,
    case
      when not g.held then 'lease lost'
      when s.name <> g.name then 'unexpected step'
      else 'recorded before'
    end,
    s.name, s.output, s.error
  from given g
  left join steps s on g.held and s.key = g.key and s.step = g.step
  where not (
    g.held and g.turn = 1
    and (g.key, g.step) in (select w.key, w.step from written w union all select r.key, r.step from retried r)
  )
  order by g.item;
end
$$;

comment on function _record_remaining(
  bigint[], bigint[], int[], text[], json[], json[], interval[], bigint[], int[]
) is
  'Ends retried steps and returns what record_steps returns: a row for each item not recorded now.';

-- Calls: _mark_watched.
-- Locks, when watching: the tasks, by key. A finish that is under way is waited for; one that
-- comes later finds the mark. So a watcher either gets the result here or is notified.
--
-- `offset 0` keeps each look-up apart: as a join that was planned on an empty database it reads
-- the whole history.
create or replace function get_results(
  workflow_ids text[],
  watch boolean default false
)
returns table (
  workflow_id text,
  status text,
  output json,
  error json
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
  v_keys bigint[];
  v_unknown text;
begin
  select array_agg(w.key order by w.key), min(g.workflow_id) filter (where w.key is null)
  into v_keys, v_unknown
  from unnest(workflow_ids) as g (workflow_id)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;

  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;

  if watch then
    perform _mark_watched(v_keys);
  end if;

  return query
  select
    (select w.workflow_id from workflows w where w.key = g.key),
    o.status::text, o.output, o.error
  from unnest(v_keys) as g (key)
  cross join lateral (
    select f.status, f.output, f.error from outcomes f where f.key = g.key offset 0
  ) as o;
end
$$;

comment on function get_results(text[], boolean) is
  'The results of those of these workflows that have ended; no row for one that is active.
watch: true to be notified, on channel <schema>.finished with the id as payload, when another ends. Commit at
once then: until you do, those that are active can be neither claimed nor ended.
Returns the id, the status, and the output or the error.
Raises PD002 if one of them does not exist.';

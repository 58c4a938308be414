-- Calls: _check_text, _wait_in_steps.
create or replace function await_events(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  workflow_ids text[],
  names text[],
  timeouts interval[] default null,
  put_down boolean[] default null
)
returns table (
  item int,
  outcome text,
  name text,
  value json,
  error json,
  wait_for interval
)
language plpgsql
security definer
set search_path from current
set enable_seqscan to off
set jit to off
set plan_cache_mode to force_generic_plan
as $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_unknown text;
begin
  perform _check_text('event', g.name) from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;
  select array_agg(w.key order by g.item), min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_keys, v_unknown
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;

  return query
  select w.*
  from _wait_in_steps(
    'event', 'perdure.get_event', workflow_keys, tokens, await_events.steps, v_keys, names, timeouts,
    await_events.put_down
  ) as w;
end
$$;

comment on function await_events(bigint[], bigint[], int[], text[], text[], interval[], boolean[]) is
  'Waits in each of these steps of workflows that the caller owns for an event of another workflow, and records
its value.
workflow_ids, names: whose event, and which, 1 to 512 bytes.
Other parameters and what is returned are as in recv_many, with value for message.
Raises PD001 (as recv_many; bad name), PD002 (no such workflow).';

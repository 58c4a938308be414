-- Calls: _descendants, _export_one.
--
-- A stable function, and what it calls, sees one snapshot: that of the statement that calls it.
create or replace function export_workflow(
  workflow_id text,
  children boolean default true
)
returns json
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set timezone to 'UTC'
set intervalstyle to 'iso_8601'
set extra_float_digits to 1
as $$
#variable_conflict use_column
declare
  v_key bigint;
  v_keys bigint[];
begin
  v_key := _key_of(export_workflow.workflow_id);
  v_keys := array[v_key];
  if children then
    v_keys := array(select d.key from _descendants(v_keys) as d);
  end if;

  return (
    select
      e'{"format": "perdure.workflow", "version": 1, "workflows": [\n'
      || string_agg(
        _export_one(
          w.key,
          case when w.key <> v_key then (select p.workflow_id from workflows p where p.key = w.parent_key) end
        )::text,
        -- In the order in which they were enqueued: parents come before their children.
        e',\n' order by w.key
      )
      || e'\n]}'
    from unnest(v_keys) as g (key)
    cross join lateral (
      select f.key, f.parent_key from workflows f where f.key = g.key offset 0
    ) as w
  )::json;
end
$$;

comment on function export_workflow(text, boolean) is
  'A workflow, with its steps, events, messages, streams and trace context, as one JSON document for import_workflow: as it
stood at one moment, also while it runs. Exporting changes nothing.
workflow_id: the root of the document; its own parent is not in it.
children: whether all that it has started is in it too, and what that has started.
Returns {"format": "perdure.workflow", "version": 1, "workflows": [...]}, parents before their children; values are
texts, byte for byte. What only means something in this database, such as keys, tokens and executors, is left out.
Raises PD002 (no such workflow).';

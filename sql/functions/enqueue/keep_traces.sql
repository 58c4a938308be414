-- Locks: workflows, by key (key share).
create or replace function keep_traces(
  workflow_ids text[],
  traceparents text[]
)
returns table (
  item int,
  traceparent text
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
  v_bad text;
begin
  if cardinality(workflow_ids) between 0 and 10000 is not true
    or cardinality(traceparents) is distinct from cardinality(workflow_ids)
  then
    perform _raise(
      'PD001',
      format('%s ids and %s trace contexts', coalesce(cardinality(workflow_ids)::text, 'no'), coalesce(cardinality(traceparents)::text, 'no')),
      hint => 'Give one for each, null for those that are only read; 10000 at the most.'
    );
  end if;
  select g.traceparent into v_bad
  from unnest(traceparents) as g (traceparent)
  where not _is_traceparent(g.traceparent)
  limit 1;
  if v_bad is not null then
    perform _raise(
      'PD001',
      format('%L is no trace context', left(v_bad, 100)),
      hint => 'It has the form of the header traceparent of W3C: 00-<32 hex digits>-<16 hex digits>-<2 hex digits>.'
    );
  end if;

  if array_remove(traceparents, null) <> '{}' then
    -- Held, so that a delete that is under way leaves none behind.
    with held as materialized (
      select w.key, g.traceparent, g.item
      from unnest(workflow_ids, traceparents) with ordinality as g (workflow_id, traceparent, item)
      join workflows w on w.workflow_id = g.workflow_id
      where g.traceparent is not null
      order by w.key
      for key share of w
    )
    insert into traces (key, traceparent)
    select distinct on (h.key) h.key, h.traceparent
    from held h
    order by h.key, h.item
    on conflict do nothing;
  end if;

  return query
  select g.item::int, t.traceparent
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (select f.key from workflows f where f.workflow_id = g.workflow_id offset 0) as w on true
  left join lateral (select f.traceparent from traces f where f.key = w.key offset 0) as t on true
  order by g.item;
end
$$;

comment on function keep_traces(text[], text[]) is
  'Keeps the trace contexts of workflows, the first for each, and returns what is kept: null if none is.
workflow_ids: those that do not exist are passed over.
traceparents: for each workflow that in which it was started, in the form of the W3C header; null: only read.
Raises PD001 (not one for each, or no such form).';

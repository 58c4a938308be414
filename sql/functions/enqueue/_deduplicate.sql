-- Locks: rows of deduplications, in the order of lane and id, so that two batches cannot wait for
-- each other. Of sessions that want one id at once, one inserts it; the others wait for its
-- transaction and then find it held, or, if it was rolled back, take it.
create or replace function _deduplicate(
  queue_id int,
  options enqueue_options,
  keys bigint[],
  workflow_ids text[]
)
returns bigint[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_ids text[];
  v_holders bigint[];
  v_conflict record;
begin
  perform _check_text('deduplication id', g.id)
  from unnest(options.deduplication_ids) as g (id)
  where g.id is not null and octet_length(g.id) between 1 and 512 is not true;

  -- A workflow that exists is not enqueued again: it neither takes its deduplication id nor is
  -- turned away.
  select array_agg(case when w.key is null then g.id end order by g.item) into v_ids
  from unnest(options.deduplication_ids, workflow_ids) with ordinality as g (id, workflow_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w on true;

  loop
    begin
      insert into deduplications (queue_id, lane_id, deduplication_id, key)
      select _deduplicate.queue_id, coalesce(g.lane_id, 0), g.id, g.key
      from unnest(keys, options.lane_ids, v_ids) as g (key, lane_id, id)
      where g.id is not null
      order by coalesce(g.lane_id, 0), g.id collate "C", g.key
      on conflict (queue_id, lane_id, deduplication_id) do nothing;

      select array_agg(case when g.id is null then g.key else h.key end order by g.item) into v_holders
      from unnest(keys, options.lane_ids, v_ids) with ordinality as g (key, lane_id, id, item)
      cross join lateral (
        -- An old snapshot still shows a holder that has ended beside the one that came after it.
        select max(d.key) as key
        from deduplications d
        where d.queue_id = _deduplicate.queue_id
          and d.lane_id = coalesce(g.lane_id, 0)
          and d.deduplication_id = g.id
      ) as h;
      exit when array_position(v_holders, null) is null;

      -- A holder that has ended meanwhile has left its id free: once more. What was taken is given up
      -- first: somebody may have taken the free one and wait for another.
      raise no_data_found;
    exception
      when no_data_found then
        null;
    end;
  end loop;

  select g.id, w.workflow_id into v_conflict
  from unnest(keys, v_holders, v_ids, workflow_ids) as g (key, holder, id, workflow_id)
  cross join lateral (
    -- The holder is a workflow that exists, or one of these.
    select coalesce(
      (select e.workflow_id from workflows e where e.key = g.holder),
      workflow_ids[array_position(keys, g.holder)]
    )
  ) as w (workflow_id)
  where g.holder <> g.key
    and w.workflow_id is distinct from g.workflow_id
    and not coalesce(options.return_existing, false)
  limit 1;
  if found then
    perform _raise(
      'PD012',
      format('deduplication id %L is held by workflow %L', v_conflict.id, v_conflict.workflow_id),
      detail => 'One active workflow of a queue, or of a partition, may have it. Nothing was enqueued.',
      hint => 'Wait for that workflow, or enqueue with on_duplicate => ''return_existing'' to get its id.'
    );
  end if;
  return v_holders;
end
$$;

comment on function _deduplicate(int, enqueue_options, bigint[], text[]) is
  'Takes deduplication ids for new workflows. Returns for each the key of the workflow that holds its id,
which is its own if it took it or has none. Raises PD012 if one is held, unless existing ones are wanted.';

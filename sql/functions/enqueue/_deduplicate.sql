-- Locks: rows of deduplications, in the order of lane and id, so that two batches cannot wait for
-- each other. Of sessions that want one id at once, one inserts it; the others wait for its
-- transaction and then find it held, or, if it was rolled back, take it.
create or replace function _deduplicate(
  queue_id int,
  options enqueue_options,
  keys bigint[],
  workflow_ids text[],
  names text[]
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

  select g.id, g.name, w.workflow_id, w.name as held_by, g.holder = any (keys) as is_of_this_call
  into v_conflict
  from unnest(keys, v_holders, v_ids, workflow_ids, names) as g (key, holder, id, workflow_id, name)
  left join lateral (
    -- The holder is a workflow that exists, or one of these.
    select e.workflow_id, e.name from workflows e where e.key = g.holder
    union all
    select workflow_ids[p.place], names[p.place]
    from (select array_position(keys, g.holder)) as p (place)
    where p.place is not null
    limit 1
  ) as w on true
  where g.holder <> g.key
    and w.workflow_id is distinct from g.workflow_id
    -- A debounce has a message of its own for a holder of another name.
    and case
      when coalesce(options.return_existing, false)
        then w.name <> g.name and not coalesce(options.debounce, false)
      else true
    end
  limit 1;
  if found then
    if v_conflict.held_by <> v_conflict.name then
      perform _raise(
        'PD012',
        format('deduplication id %L is held by workflow %L, which is a %L',
          v_conflict.id, v_conflict.workflow_id, v_conflict.held_by),
        detail => format('It was wanted for a %L. Nothing was enqueued.', v_conflict.name),
        hint => 'Wait for that workflow, or give workflows of different names deduplication ids of their own.'
      );
    elsif v_conflict.is_of_this_call then
      perform _raise(
        'PD012',
        format('deduplication id %L is given to two workflows of this call', v_conflict.id),
        detail => 'One active workflow of a queue, or of a partition, may have it. Nothing was enqueued.',
        hint => 'Give each its own, or enqueue with on_duplicate => ''return_existing'' to start only the first.'
      );
    end if;
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

comment on function _deduplicate(int, enqueue_options, bigint[], text[], text[]) is
  'Takes deduplication ids for new workflows. Returns for each the key of the workflow that holds its id,
which is its own if it took it or has none. Raises PD012 if one is held, unless existing ones are wanted and
that one has the same name.';

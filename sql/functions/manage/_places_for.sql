-- Calls: _queue, _internal_queue, _lane_ids.
-- Locks: the queues against deletion, in the order of their numbers.
create or replace function _places_for(
  workflow_keys bigint[],
  queue text,
  partition_keys text[] default null
)
returns table (
  item int,
  queue_id int,
  lane_id int,
  priority_ageing double precision
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_queue queues;
  v_group record;
  v_lane_ids int[];
begin
  for v_group in
    select g.queue_id, array_agg(g.item order by g.item) as items
    from (
      select
        k.item::int as item,
        case
          when _places_for.queue = '_internal' then _internal_queue(w.application)
          when _places_for.queue is null then coalesce(w.queue_id, _internal_queue(w.application))
        end as queue_id
      from unnest(workflow_keys) with ordinality as k (key, item)
      cross join lateral (select e.queue_id, e.application from workflows e where e.key = k.key offset 0) as w
    ) as g
    group by g.queue_id
    order by g.queue_id
  loop
    if _places_for.queue <> '_internal' then
      v_queue := _queue(_places_for.queue);
    else
      select q.* into v_queue from queues q where q.queue_id = v_group.queue_id;
      if not found then
        perform _raise(
          'PD007',
          format('the queue of workflow %L does not exist any more', (
            select w.workflow_id from workflows w where w.key = workflow_keys[v_group.items[1]]
          )),
          hint => 'Give the queue that it is to wait in.'
        );
      end if;
      if not v_queue.internal then
        v_queue := _queue(v_queue.name);
      end if;
    end if;

    v_lane_ids := null;
    if v_queue.partitioned or partition_keys is not null then
      -- Its partition is that of the same key, also in another queue.
      v_lane_ids := _lane_ids(
        v_queue,
        array(
          select coalesce(partition_keys[i.item], case when v_queue.partitioned then (
            select l.partition_key
            from workflows w
            join lanes l on l.lane_id = w.lane_id
            where w.key = workflow_keys[i.item]
          ) end)
          from unnest(v_group.items) with ordinality as i (item, place)
          order by i.place
        ),
        cardinality(v_group.items)
      );
    end if;
    return query
    select i.item, v_queue.queue_id, coalesce(i.lane_id, 0),
      extract(epoch from v_queue.priority_ageing)::double precision
    from unnest(v_group.items, v_lane_ids) as i (item, lane_id);
  end loop;
end
$$;

comment on function _places_for(bigint[], text, text[]) is
  'Where workflows that are enqueued again, or their forks, wait: each in the queue that is given or, if that is null,
in its own, in the partition that is given or its own. Holds the queues against deletion. Raises PD001 (partitions),
PD007 (no such queue, any more).';

-- Partitions are made as they are first named. Sorted, so that two batches cannot wait for each other.
create or replace function _lane_ids(
  queue queues,
  partition_keys text[],
  many int
)
returns int[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_lane_ids int[];
begin
  if not queue.partitioned then
    if exists (select from unnest(partition_keys) as g (key) where g.key is not null) then
      perform _raise(
        'PD001',
        format('queue %L has no partitions, but a partition key was given', queue.name),
        hint => 'Leave the key out, or register the queue as partitioned.'
      );
    end if;
    return null;
  end if;
  if many > 0 and partition_keys is null
    or exists (select from unnest(partition_keys) as g (key) where g.key is null)
  then
    perform _raise(
      'PD001',
      format('queue %L has partitions: each workflow needs a partition key', queue.name),
      hint => 'Give partition_key (partition_keys for many), for example the id of the customer.'
    );
  end if;
  perform _check_text('partition key', g.key)
  from unnest(partition_keys) as g (key)
  where octet_length(g.key) between 1 and 512 is not true;

  select array_agg(l.lane_id order by g.item) into v_lane_ids
  from unnest(partition_keys) with ordinality as g (key, item)
  cross join lateral (
    select e.lane_id from lanes e where e.queue_id = queue.queue_id and e.partition_key = g.key
  ) as l;
  if cardinality(v_lane_ids) = many then
    return v_lane_ids;
  end if;

  -- Only what is missing: each row that is offered draws a lane_id, also one that is there already, and
  -- there are two thousand million of them.
  insert into lanes (queue_id, partition_key)
  select queue.queue_id, n.key
  from (select distinct g.key collate "C" as key from unnest(partition_keys) as g (key)) as n
  where not exists (
    select from lanes e where e.queue_id = queue.queue_id and e.partition_key = n.key offset 0
  )
  order by n.key
  on conflict (queue_id, partition_key) do nothing;

  select array_agg(l.lane_id order by g.item) into v_lane_ids
  from unnest(partition_keys) with ordinality as g (key, item)
  cross join lateral (
    select e.lane_id from lanes e where e.queue_id = queue.queue_id and e.partition_key = g.key
  ) as l;
  return v_lane_ids;
end
$$;

comment on function _lane_ids(queues, text[], int) is
  'The lane of each partition key, made if it is new; null for a queue without partitions. Raises PD001 if
keys are given where there are no partitions, or missing where there are.';

-- Calls: _check_deadline, _check_children, _pin_version, _keys_of, _fork_points, _places_for, _create_forks,
-- _check_same_forks, _copy_history, _notify_queue.
-- Locks: the originals against deletion, by key; the queues against deletion; the new ids in their order; then, to mark
-- them, the originals by key.
create or replace function fork_many(
  workflow_ids text[],
  from_steps int[] default null,
  from_name text default null,
  from_last text default null,
  new_workflow_ids text[] default null,
  queue text default null,
  app_version text default null,
  partition_keys text[] default null,
  priorities int[] default null,
  timeout interval default null,
  children json default null
)
returns table (
  item int,
  workflow_id text,
  created boolean
)
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_many int := cardinality(workflow_ids);
  v_keys bigint[];
  v_points int[];
  v_new_keys bigint[];
  v_new_ids text[];
  v_queue_ids int[];
  v_lane_ids int[];
  v_created bigint[];
  v_held bigint[];
  v_forks bigint[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(from_steps), v_many),
    coalesce(cardinality(new_workflow_ids), v_many),
    coalesce(cardinality(partition_keys), v_many),
    coalesce(cardinality(priorities), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to fork_many differ in length',
      hint => 'Give each array one element for each workflow, or leave it out.'
    );
  end if;
  perform _check_text('workflow id', g.id)
  from unnest(new_workflow_ids) as g (id)
  where g.id is not null and octet_length(g.id) between 1 and 512 is not true;
  perform _check_deadline(timeout, null);
  perform _check_children(children);
  if app_version is not null then
    perform _pin_version(app_version);
  end if;
  v_keys := _keys_of(workflow_ids);
  -- Until the end they are not deleted; whatever else they do they may.
  v_held := array(select w.key from workflows w where w.key = any (v_keys) order by w.key for key share);
  if cardinality(v_held) < (select count(distinct k.key) from unnest(v_keys) as k (key)) then
    perform _raise_deleted();
  end if;
  v_points := _fork_points(v_keys, from_steps, from_name, from_last);

  -- The transaction has its id before it draws a key: _raise_floor relies on that.
  perform pg_current_xact_id();
  select
    array_agg(nextval('task_keys') order by g.item),
    array_agg(coalesce(g.id, _new_workflow_id()) order by g.item)
  into v_new_keys, v_new_ids
  from unnest(workflow_ids, new_workflow_ids) with ordinality as g (original, id, item);

  select array_agg(p.queue_id order by p.item), array_agg(p.lane_id order by p.item)
  into v_queue_ids, v_lane_ids
  from _places_for(v_keys, fork_many.queue, fork_many.partition_keys) as p;

  v_created := _create_forks(
    v_keys, v_new_keys, v_new_ids, v_queue_ids, v_lane_ids, priorities, fork_many.app_version, timeout
  );
  if cardinality(v_created) < v_many then
    perform _check_same_forks(v_new_ids, workflow_ids);
  end if;
  perform _copy_history(
    array_agg(g.key), array_agg(g.new_key), array_agg(g.point), fork_many.children
  )
  from unnest(v_keys, v_new_keys, v_points) as g (key, new_key, point)
  join unnest(v_created) as c (key) on c.key = g.new_key;

  perform from workflows w where w.key = any (v_keys) and not w.was_forked order by w.key for no key update;
  update workflows w set was_forked = true where w.key = any (v_keys) and not w.was_forked;
  perform _notify_queue(q.queue_id) from (select distinct u.queue_id from unnest(v_queue_ids) as u (queue_id)) as q;

  select array_agg(w.key order by g.item) into v_forks
  from unnest(v_new_ids) with ordinality as g (new_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.new_id offset 0
  ) as w on true;
  if array_position(v_forks, null) is not null then
    perform _raise_deleted();
  end if;
  return query
  select g.item::int, g.new_id, g.fork = g.new_key
  from unnest(v_new_keys, v_new_ids, v_forks) with ordinality as g (new_key, new_id, fork, item)
  order by g.item;
end
$$;

comment on function fork_many(
  text[], int[], text, text, text[], text, text, text[], int[], interval, json
) is
  'Starts new workflows, each of which goes on from a step of another, in whatever state that is; that itself goes on
or stays as it is. A fork has the name, input, attributes, class and identity of its original, and what that recorded
before the step: completed steps (a message that was received there is not received again), events, streams. Not
copied: messages, parent, priority, deduplication id. In one transaction; of an original that runs, one moment is seen.
workflow_ids: the originals.
from_steps: null, or for each the first step that its fork runs itself, from 1 (null: 1) to one more than are recorded.
from_name: null, or instead the first step of that name.
from_last: null, or instead ''step'' for the last step that is recorded, or ''failure'' for the last that has failed;
if none has, and the workflow has not succeeded, after its last step.
new_workflow_ids: null, or an id each (null: a new one). If it is a fork of the same original, that is returned.
queue: null for the queue of each original, or where they wait. In ''_internal'' they start at once, past all limits.
app_version: null: executors of the latest version take them; or the version that they belong to.
partition_keys: null for those of the originals, or a key each.
priorities: null, or a number each; 0 otherwise.
timeout: null, or how long each may take from its first start; more than 0, at most 100 years.
children: null, or an object with ids of children that were started before the step, and the ids of the workflows that
take their places. Results of children that were recorded before the step stay.
Returns a row for each, in order: its id, and whether this call created it.
Raises PD001 (bad argument, no such step), PD002 (no such workflow), PD003 (the id of another workflow), PD007 (no
such queue, or the queue of an original does not exist any more).';

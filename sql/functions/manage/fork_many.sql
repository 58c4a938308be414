-- Calls: _pin_version, _keys_of, _fork_points, _check_deadline, _check_children, _places_for, _internal_queue,
-- _copy_history, _notify_queue.
-- Writes: workflows, tasks, steps, events, stream_entries.
-- Locks: the originals against deletion, by key; the queues against deletion; the new ids in their order; then, to mark them, the originals by key.
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
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_ids);
  v_keys bigint[];
  v_points int[];
  v_new_keys bigint[];
  v_new_ids text[];
  v_queue_ids int[];
  v_lane_ids int[];
  v_created bigint[];
  v_conflict record;
  v_held bigint[];
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

  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, lane_id, priority, max_recovery_attempts, input, app_version, created_at,
      retries, retry_interval, retry_backoff, retry_max_interval, timeout, attributes, application,
      class_name, config_name, authenticated_user, authenticated_roles, assumed_role, forked_from
    )
    select
      g.new_key, g.new_id, w.name, case when not q.internal then g.queue_id end, g.lane_id, coalesce(g.priority, 0),
      w.max_recovery_attempts, w.input, fork_many.app_version, v_now,
      w.retries, w.retry_interval, w.retry_backoff, w.retry_max_interval,
      _exact_span(fork_many.timeout), w.attributes,
      coalesce(q.application, w.application),
      w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role, w.workflow_id
    from unnest(v_keys, v_new_keys, v_new_ids, priorities, v_queue_ids, v_lane_ids)
      as g (key, new_key, new_id, priority, queue_id, lane_id)
    cross join lateral (select e.* from workflows e where e.key = g.key offset 0) as w
    cross join lateral (select e.internal, e.application from queues e where e.queue_id = g.queue_id offset 0) as q
    order by g.new_id collate "C", g.new_key
    on conflict (workflow_id) do nothing
    returning key, coalesce(queue_id, _internal_queue(application)) as queue_id, lane_id, priority, max_recovery_attempts,
      retries, timeout
  ),
  activated as (
    insert into tasks (key, queue_id, lane_id, rank, status, max_recovery_attempts, resumed, retries, timeout, app_version)
    select
      c.key, c.queue_id, c.lane_id,
      c.priority + coalesce(extract(epoch from v_now) / extract(epoch from (
        select q.priority_ageing from queues q where q.queue_id = c.queue_id
      )), 0),
      'ENQUEUED', c.max_recovery_attempts, true, c.retries, c.timeout,
      coalesce(fork_many.app_version, '')
    from created c
    returning key
  )
  select array_agg(a.key) into v_created from activated a;

  if cardinality(v_created) is distinct from v_many then
    -- The same fork again is that fork.
    select g.new_id, g.original into v_conflict
    from unnest(v_new_ids, workflow_ids) as g (new_id, original)
    cross join lateral (
      select e.forked_from from workflows e where e.workflow_id = g.new_id offset 0
    ) as w
    where w.forked_from is distinct from g.original
    limit 1;
    if found then
      perform _raise(
        'PD003',
        format('workflow id %L belongs to a workflow that is no fork of %L', v_conflict.new_id, v_conflict.original),
        detail => 'Nothing was forked.',
        hint => 'Give the fork another id, or none.'
      );
    end if;
  end if;

  perform _copy_history(
    array_agg(g.key), array_agg(g.new_key), array_agg(g.point), fork_many.children
  )
  from unnest(v_keys, v_new_keys, v_points) as g (key, new_key, point)
  join unnest(v_created) as c (key) on c.key = g.new_key;

  perform from workflows w where w.key = any (v_keys) and not w.was_forked order by w.key for no key update;
  update workflows w set was_forked = true where w.key = any (v_keys) and not w.was_forked;
  perform _notify_queue(q.queue_id) from (select distinct u.queue_id from unnest(v_queue_ids) as u (queue_id)) as q;

  return query
  select g.item::int, g.new_id, w.key = g.new_key
  from unnest(v_new_keys, v_new_ids) with ordinality as g (new_key, new_id, item)
  cross join lateral (
    select e.key from workflows e where e.workflow_id = g.new_id offset 0
  ) as w
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

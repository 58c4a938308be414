-- Calls: _hold_parents, _check_text, _new_workflow_id, _check_same_workflows, _record_children.
-- Writes: workflows, tasks, and steps of parents.
--
-- The body of enqueueing and of direct starts: without an executor the new workflows are
-- ENQUEUED, with one they are PENDING and its own from the start, under token 0. Token 0
-- is never handed out again for the same workflow: claims draw theirs from a sequence.
--
-- Lock order: the parents' tasks by key, then the rows of workflows by workflow_id, so that
-- two batches with the same ids in another order cannot wait for each other.
create or replace function _create_workflows(
  names text[],
  inputs json[],
  workflow_ids text[],
  queue_id int,
  priorities int[],
  max_recovery_attempts int[],
  executor_id bigint,
  app_version text,
  parent_keys bigint[],
  parent_tokens bigint[],
  parent_steps int[]
)
returns table (
  item int,
  workflow_key bigint,
  workflow_id text,
  created boolean
)
language plpgsql
set search_path from current
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_direct boolean := executor_id is not null;
  v_task_queue int := coalesce(queue_id, _queue_id('_internal'));
  v_keys bigint[];
  v_ids text[];
  v_created int;
begin
  if parent_keys is not null then
    perform _hold_parents(parent_keys, parent_tokens);
  end if;

  -- Keys are drawn in the order given: that is the order in which they will be claimed.
  select
    array_agg(nextval('task_keys') order by g.item),
    array_agg(
      coalesce(
        g.workflow_id,
        (select p.workflow_id || '-' || g.parent_step from workflows p where p.key = g.parent_key),
        _new_workflow_id()
      )
      order by g.item
    )
  into v_keys, v_ids
  from unnest(names, workflow_ids, parent_keys, parent_steps)
    with ordinality as g (name, workflow_id, parent_key, parent_step, item);

  perform _check_text('workflow name', g.name)
  from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;

  perform _check_text('workflow id', g.workflow_id)
  from unnest(v_ids) as g (workflow_id)
  where octet_length(g.workflow_id) between 1 and 512 is not true;

  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, priority, max_recovery_attempts,
      input, parent_key, parent_step, app_version, created_at
    )
    select
      g.key, g.workflow_id, g.name, _create_workflows.queue_id, coalesce(g.priority, 0),
      coalesce(g.max_recovery_attempts, 100), g.input, g.parent_key, g.parent_step,
      _create_workflows.app_version, v_now
    from unnest(v_keys, v_ids, names, inputs, priorities, max_recovery_attempts, parent_keys, parent_steps)
      as g (key, workflow_id, name, input, priority, max_recovery_attempts, parent_key, parent_step)
    -- Of two items with the same id the first is created.
    order by g.workflow_id collate "C", g.key
    on conflict (workflow_id) do nothing
    returning key, priority, max_recovery_attempts
  ),
  activated as (
    insert into tasks (
      key, queue_id, priority, status, attempts, max_recovery_attempts, token, executor_id, started_at
    )
    select
      c.key, v_task_queue, c.priority,
      (case when v_direct then 'PENDING' else 'ENQUEUED' end)::workflow_status,
      case when v_direct then 1 else 0 end,
      c.max_recovery_attempts,
      case when v_direct then 0 end,
      _create_workflows.executor_id,
      case when v_direct then v_now end
    from created c
    returning 1
  )
  select count(*) into v_created from activated;

  if v_created < cardinality(names) then
    perform _check_same_workflows(v_ids, names);
  end if;
  if parent_keys is not null then
    perform _record_children(parent_keys, parent_steps, names, v_ids, v_now);
  end if;

  if v_created = cardinality(names) then
    return query
    select g.item::int, g.key, g.workflow_id, true
    from unnest(v_keys, v_ids) with ordinality as g (key, workflow_id, item);
  else
    -- One that was there already is named by the key it has.
    return query
    select g.item::int, w.key, g.workflow_id, w.key = g.key
    from unnest(v_keys, v_ids) with ordinality as g (key, workflow_id, item)
    cross join lateral (
      select e.key from workflows e where e.workflow_id = g.workflow_id
    ) as w
    order by g.item;
  end if;
end
$$;

comment on function _create_workflows(text[], json[], text[], int, int[], int[], bigint, text, bigint[], bigint[], int[]) is
  'Writes new workflows: ENQUEUED in a queue, or PENDING and owned by an executor. One row for each
item, in order: its key, its id, and whether it is new.';

-- Calls: _internal_queue, _pin_version, _hold_parents, _inherit, _deduplicate, _existing_workflows, _record_children.
-- Writes: workflows, tasks, and steps of parents.
--
-- The body of enqueueing and of direct starts: without an executor the new workflows are
-- ENQUEUED, with one they are PENDING and its own from the start, under token 0. Token 0
-- is never handed out again for the same workflow: claims draw theirs from a sequence.
--
-- Lock order: the parents' tasks by key, then deduplication ids, then the rows of workflows by
-- workflow_id, so that two batches with the same ids in another order cannot wait for each other.
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
  parent_steps int[],
  options enqueue_options default null
)
returns table (
  item int,
  workflow_key bigint,
  workflow_id text,
  created boolean
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_direct boolean := executor_id is not null;
  v_task_queue int := coalesce(queue_id, case
    when options.application is null then (select q.queue_id from queues q where q.name = '_internal')
    else _internal_queue(options.application)
  end);
  v_ageing double precision;
  -- That of the queue, which decides who runs it.
  v_application text;
  -- What starts directly belongs to the version of its executor, unless another is given.
  v_version text := coalesce(app_version, case when v_direct then (
    select e.app_version from executors e where e.executor_id = _create_workflows.executor_id
  ) end);
  v_keys bigint[];
  v_ids text[];
  -- For each item the key of the workflow that holds its deduplication id; its own if it has none.
  v_holders bigint[];
  -- For each item the key of the workflow that has its id.
  v_found bigint[];
  v_created bigint[];
begin
  if app_version is not null then
    perform _pin_version(app_version);
  end if;
  if parent_keys is not null then
    perform _hold_parents(parent_keys, parent_tokens);
    options.origins := _inherit(options.origins, parent_keys);
  end if;

  -- The transaction has its id before it draws a key: _raise_floor relies on that.
  perform pg_current_xact_id();
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

  if 0 > any (max_recovery_attempts) then
    perform _raise(
      'PD001',
      'max_recovery_attempts cannot be negative',
      hint => 'Give 0 to let the first death of a worker be the last.'
    );
  end if;

  v_holders := v_keys;
  if options.deduplication_ids is not null then
    v_holders := _deduplicate(queue_id, options, v_keys, v_ids, names);
  end if;
  select extract(epoch from q.priority_ageing), q.application into v_ageing, v_application
  from queues q
  where q.queue_id = v_task_queue;
  if v_application is null then
    v_application := options.application;
    if v_application is null and parent_keys is not null then
      select p.application into v_application from workflows p where p.key = parent_keys[1];
    end if;
  end if;

  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, lane_id, priority, max_recovery_attempts,
      input, parent_key, parent_step, app_version, created_at,
      deduplication_id, retries, retry_interval, retry_backoff, retry_max_interval, timeout, deadline,
      application, schedule, attributes, class_name, config_name, authenticated_user, authenticated_roles,
      assumed_role
    )
    select
      g.key, g.workflow_id, g.name, _create_workflows.queue_id, coalesce(g.lane_id, 0),
      coalesce(g.priority, 0), coalesce(g.max_recovery_attempts, 100), g.input, g.parent_key,
      g.parent_step, _create_workflows.app_version, v_now,
      g.deduplication_id, options.retries, options.retry_interval, options.retry_backoff,
      options.retry_max_interval,
      _exact_span(g.timeout), g.deadline,
      v_application, options.schedule, g.attributes, g.class_name, g.config_name, g.authenticated_user,
      g.authenticated_roles, g.assumed_role
    from unnest(
      v_keys, v_ids, v_holders, names, inputs, priorities, max_recovery_attempts, parent_keys, parent_steps,
      options.lane_ids, options.deduplication_ids, options.timeouts, options.deadlines, options.origins
    ) as g (
      key, workflow_id, holder, name, input, priority, max_recovery_attempts, parent_key, parent_step,
      lane_id, deduplication_id, timeout, deadline, attributes, class_name, config_name, authenticated_user,
      authenticated_roles, assumed_role
    )
    where g.holder = g.key
    -- Of two items with the same id the first is created.
    order by g.workflow_id collate "C", g.key
    on conflict (workflow_id) do nothing
    returning key, lane_id, priority, max_recovery_attempts, deduplication_id, parent_key, timeout, deadline
  ),
  activated as (
    insert into tasks (
      key, queue_id, lane_id, rank, status, attempts, max_recovery_attempts, token, executor_id,
      started_at, wake_at, deduplicated, debounced, expires_at, retries, timeout, deadline,
      app_version
    )
    select
      c.key, v_task_queue, c.lane_id,
      c.priority + coalesce(extract(epoch from v_now) / v_ageing, 0),
      (case
        when v_direct then 'PENDING'
        when options.delay > interval '0' then 'DELAYED'
        else 'ENQUEUED'
      end)::workflow_status,
      case when v_direct then 1 else 0 end,
      c.max_recovery_attempts,
      case when v_direct then 0 end,
      _create_workflows.executor_id,
      case when v_direct then v_now end,
      case when options.delay > interval '0' then v_now + _exact_span(options.delay) end,
      c.deduplication_id is not null,
      coalesce(options.debounce, false),
      v_now + _exact_span(options.expires_in),
      options.retries,
      case when not v_direct then c.timeout end,
      -- Not later than that of its parent, which is held here.
      least(
        c.deadline,
        (select t.deadline from tasks t where t.key = c.parent_key),
        case when v_direct then v_now + c.timeout end
      ),
      coalesce(v_version, '')
    from created c
    returning key
  )
  select array_agg(a.key) into v_created from activated a;

  v_found := v_keys;
  if cardinality(v_created) is distinct from cardinality(names) then
    select e.ids, e.workflow_keys into v_ids, v_found
    from _existing_workflows(v_keys, v_holders, v_ids, names, options, v_created) as e;
  end if;
  if parent_keys is not null then
    perform _record_children(parent_keys, parent_steps, names, v_ids, v_now);
  end if;

  return query
  select g.item::int, g.found, g.workflow_id, g.found = g.key
  from unnest(v_keys, v_found, v_ids) with ordinality as g (key, found, workflow_id, item);
end
$$;

comment on function _create_workflows(
  text[], json[], text[], int, int[], int[], bigint, text, bigint[], bigint[], int[], enqueue_options
) is
  'Writes new workflows: ENQUEUED in a queue, or PENDING and owned by an executor. One row for each
item, in order: its key, its id, and whether it is new.';

-- Calls: _hold_executor, _check_deadline, _origins, _create_workflows, _deadlines, _identities,
-- _time_out.
create or replace function start_many(
  executor_id bigint,
  workflows text[],
  inputs json[],
  workflow_ids text[] default null,
  max_recovery_attempts int[] default null,
  app_version text default null,
  parent_keys bigint[] default null,
  parent_tokens bigint[] default null,
  parent_steps int[] default null,
  timeouts interval[] default null,
  deadlines timestamptz[] default null,
  attributes jsonb[] default null,
  authenticated_user text default null,
  authenticated_roles text[] default null,
  assumed_role text default null,
  class_names text[] default null,
  config_names text[] default null
)
returns table (
  item int,
  workflow_key bigint,
  workflow_id text,
  token bigint,
  time_left interval,
  identity json
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_many int := cardinality(start_many.workflows);
  v_options enqueue_options;
  v_keys bigint[];
  v_ids text[];
  v_new boolean[];
  v_now timestamptz;
  v_deadlines timestamptz[];
  v_identities json[];
  v_late bigint[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(inputs), 0),
    coalesce(cardinality(workflow_ids), v_many),
    coalesce(cardinality(start_many.max_recovery_attempts), v_many),
    coalesce(cardinality(parent_keys), v_many),
    coalesce(cardinality(parent_tokens), v_many),
    coalesce(cardinality(parent_steps), v_many),
    coalesce(cardinality(timeouts), v_many),
    coalesce(cardinality(deadlines), v_many),
    coalesce(cardinality(attributes), v_many),
    coalesce(cardinality(class_names), v_many),
    coalesce(cardinality(config_names), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to start_many differ in length',
      hint => 'Give each array one element for each workflow, or leave it out.'
    );
  end if;
  if timeouts is not null or deadlines is not null then
    perform _check_deadline(g.timeout, g.deadline)
    from unnest(timeouts, deadlines) as g (timeout, deadline);
    v_options.timeouts := start_many.timeouts;
    v_options.deadlines := start_many.deadlines;
  end if;
  v_options.application := _hold_executor(start_many.executor_id);
  if num_nonnulls(attributes, authenticated_user, authenticated_roles, assumed_role, class_names, config_names) > 0 then
    v_options.origins := _origins(
      v_many, attributes, authenticated_user, authenticated_roles, assumed_role, class_names, config_names
    );
  end if;

  -- A child has a deadline and an identity if its parent has them; nothing else has.
  if timeouts is null and deadlines is null and parent_keys is null and v_options.origins is null then
    return query
    select c.item, c.workflow_key, c.workflow_id, case when c.created then 0::bigint end, null::interval, null::json
    from _create_workflows(
      start_many.workflows, inputs, workflow_ids, null, null,
      start_many.max_recovery_attempts, start_many.executor_id, start_many.app_version,
      null, null, null, v_options
    ) as c;
    return;
  end if;

  select
    array_agg(c.workflow_key order by c.item),
    array_agg(c.workflow_id order by c.item),
    array_agg(c.created order by c.item)
  into v_keys, v_ids, v_new
  from _create_workflows(
    start_many.workflows, inputs, workflow_ids, null, null,
    start_many.max_recovery_attempts, start_many.executor_id, start_many.app_version,
    parent_keys, parent_tokens, parent_steps, v_options
  ) as c;

  v_now := _now();
  v_deadlines := _deadlines(v_keys);
  v_identities := _identities(v_keys);
  select array_agg(g.key) into v_late
  from unnest(v_keys, v_new, v_deadlines) as g (key, is_new, deadline)
  where g.is_new and g.deadline <= v_now;
  if v_late is not null then
    -- Not run at all.
    perform _time_out(v_late);
  end if;

  return query
  select
    g.item::int, g.key, g.workflow_id,
    case when g.is_new and (g.deadline <= v_now) is not true then 0::bigint end,
    case when g.is_new then g.deadline - v_now end, case when g.is_new then g.identity end
  from unnest(v_keys, v_ids, v_new, v_deadlines, v_identities)
    with ordinality as g (key, workflow_id, is_new, deadline, identity, item)
  order by g.item;
end
$$;

comment on function start_many(
  bigint, text[], json[], text[], int[], text, bigint[], bigint[], int[], interval[], timestamptz[],
  jsonb[], text, text[], text, text[], text[]
) is
  'Starts workflows that the calling executor runs itself, at once, without a queue.
executor_id: from register_executor.
workflows, inputs, workflow_ids, max_recovery_attempts: an element each; see enqueue.
app_version: null: they belong to the version of the executor; or another that they belong to.
parent_keys, parent_tokens, parent_steps: the running workflows that start these as children; the
start is recorded as that step in the same transaction.
timeouts, deadlines, attributes, class_names, config_names: null, or an element each; see enqueue_many.
authenticated_user, authenticated_roles, assumed_role: null, or on whose behalf they run; see enqueue_many.
They belong to the application of the executor.
Returns a row for each, in order: its key, its id, the token to write under, null or the time left until its
deadline, and null or as what and on whose behalf it runs (see claim). The token is null if the id existed already, or the deadline has passed: then that workflow is
not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD004 (parent lost), PD005 (another step
recorded), PD006 (executor without lease).';

-- Calls: _hold_executor, _create_workflows.
create or replace function start_many(
  executor_id bigint,
  workflows text[],
  inputs json[],
  workflow_ids text[] default null,
  max_recovery_attempts int[] default null,
  app_version text default null,
  parent_keys bigint[] default null,
  parent_tokens bigint[] default null,
  parent_steps int[] default null
)
returns table (
  item int,
  workflow_key bigint,
  workflow_id text,
  token bigint
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_many int := cardinality(start_many.workflows);
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(inputs), 0),
    coalesce(cardinality(workflow_ids), v_many),
    coalesce(cardinality(start_many.max_recovery_attempts), v_many),
    coalesce(cardinality(parent_keys), v_many),
    coalesce(cardinality(parent_tokens), v_many),
    coalesce(cardinality(parent_steps), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to start_many differ in length',
      hint => 'Give each array one element for each workflow, or leave it out.'
    );
  end if;
  perform _hold_executor(start_many.executor_id);

  return query
  select c.item, c.workflow_key, c.workflow_id, case when c.created then 0::bigint end
  from _create_workflows(
    start_many.workflows, inputs, workflow_ids, null, null,
    start_many.max_recovery_attempts, start_many.executor_id, start_many.app_version,
    parent_keys, parent_tokens, parent_steps
  ) as c;
end
$$;

comment on function start_many(bigint, text[], json[], text[], int[], text, bigint[], bigint[], int[]) is
  'Starts workflows that the calling executor runs itself, at once, without a queue.
executor_id: from register_executor.
workflows, inputs, workflow_ids, max_recovery_attempts: an element each; see enqueue.
app_version: null, or the version of the application.
parent_keys, parent_tokens, parent_steps: the running workflows that start these as children; the
start is recorded as that step in the same transaction.
Returns a row for each, in order: its key, its id, and the token to write under; the token is null if
the id existed already, then that workflow is not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD004 (parent lost), PD005 (another step
recorded), PD006 (executor without lease).';

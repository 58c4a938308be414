-- Calls: _queue_id, _create_workflows, _notify_queue.
create or replace function enqueue_many(
  workflow text,
  inputs json[],
  queue text default 'default',
  workflow_ids text[] default null,
  priorities int[] default null,
  max_recovery_attempts int default 100,
  app_version text default null,
  parent_keys bigint[] default null,
  parent_tokens bigint[] default null,
  parent_steps int[] default null
)
returns table (
  item int,
  workflow_id text,
  created boolean
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_many int := cardinality(inputs);
  v_queue_id int := _queue_id(enqueue_many.queue);
  v_created boolean;
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(workflow_ids), v_many),
    coalesce(cardinality(priorities), v_many),
    coalesce(cardinality(parent_keys), v_many),
    coalesce(cardinality(parent_tokens), v_many),
    coalesce(cardinality(parent_steps), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to enqueue_many differ in length',
      detail => format('inputs has %s elements', coalesce(v_many::text, 'no')),
      hint => 'Give each array one element for each workflow, or leave it out. Without input, give nulls.'
    );
  end if;

  return query
  select c.item, c.workflow_id, c.created
  from _create_workflows(
    array_fill(workflow, array[v_many]), inputs, workflow_ids, v_queue_id, priorities,
    array_fill(enqueue_many.max_recovery_attempts, array[v_many]), null, enqueue_many.app_version,
    parent_keys, parent_tokens, parent_steps
  ) as c;

  perform _notify_queue(v_queue_id);
end
$$;

comment on function enqueue_many(text, json[], text, text[], int[], int, text, bigint[], bigint[], int[]) is
  'Enqueues many workflows of one name in one call: all of them or, on an error, none.
workflow: the name under which workers know the function; it need not be known yet.
inputs: one JSON value each. An array holds positional arguments, an object named ones.
queue: where they wait; first in, first out.
workflow_ids: null, or an id each (1 to 512 bytes; null: a new time-ordered one). An id starts one
workflow, once: if it exists, that workflow is returned and created is false.
priorities: null, or a number each; lower runs first.
max_recovery_attempts: how often each may be taken over from a dead worker.
app_version: null, or the version of the application that enqueues.
parent_keys, parent_tokens, parent_steps: for workers. The running workflows that start these as
children, with their tokens; the start is recorded as that step in the same transaction.
Returns a row for each, in order: its id and whether this call created it.
Raises PD001 (bad argument), PD003 (id of another workflow), PD004 (parent lost), PD005 (another step
recorded), PD007 (no such queue).';

-- Calls: _recorded_before, _hold_queues, _recorded_in_step, fork_many, _record_now, _keys_of.
-- Locks: the queues; the task of the caller.
create or replace function fork_in_step(
  workflow_key bigint,
  token bigint,
  step int,
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
returns json
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_recorded json := _recorded_before(workflow_key, fork_in_step.token, fork_in_step.step, 'perdure.fork');
  v_id text;
begin
  if v_recorded is not null then
    return v_recorded;
  end if;
  perform _hold_queues(_keys_of(workflow_ids), fork_in_step.queue);
  v_recorded := _recorded_in_step(workflow_key, fork_in_step.token, fork_in_step.step, 'perdure.fork');
  if v_recorded is not null then
    return v_recorded;
  end if;
  select w.workflow_id || '-' || fork_in_step.step into v_id from workflows w where w.key = workflow_key;
  select coalesce(json_agg(f.workflow_id order by f.item), '[]') into v_recorded
  from fork_many(
    fork_in_step.workflow_ids, fork_in_step.from_steps, fork_in_step.from_name, fork_in_step.from_last,
    array(
      select coalesce(
        new_workflow_ids[g.item],
        case when cardinality(workflow_ids) = 1 then v_id else v_id || '-' || g.item end
      )
      from generate_series(1, cardinality(workflow_ids)) as g (item)
      order by g.item
    ),
    fork_in_step.queue, fork_in_step.app_version, fork_in_step.partition_keys, fork_in_step.priorities,
    fork_in_step.timeout, fork_in_step.children
  ) as f;
  perform _record_now(workflow_key, fork_in_step.step, 'perdure.fork', v_recorded);
  return v_recorded;
end
$$;

comment on function fork_in_step(
  bigint, bigint, int, text[], int[], text, text, text[], text, text, text[], int[], interval, json
) is
  'Forks workflows from a step of a workflow that the caller owns, and records the step with it: however often it is
replayed, they are forked once.
workflow_key, token: from claim or start. step: its number within the workflow.
new_workflow_ids: null, or an id each; otherwise the id of the workflow and the step, and of several forks their
numbers, from 1: a-3-1. Other parameters are as in fork_many.
Returns an array, as it is recorded: the ids of the forks.
Raises PD001, PD002, PD003, PD007 as fork_many does, PD004 (lease lost), PD005 (another step is recorded there).';

-- Calls: _recorded_before, _keys_of, _family, _hold_resumable, _recorded_in_step, _resume, _resumed, _record_now.
-- Locks: the queues; the tasks of the caller and of those to resume, by key; then outcomes, by key.
create or replace function resume_in_step(
  workflow_key bigint,
  token bigint,
  step int,
  workflow_ids text[],
  queue text default null,
  children boolean default false
)
returns json
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_held record;
  v_recorded json := _recorded_before(workflow_key, resume_in_step.token, resume_in_step.step, 'perdure.resume');
begin
  if v_recorded is not null then
    return v_recorded;
  end if;
  v_keys := _keys_of(workflow_ids);
  select h.waiting, h.ended into v_held
  from _hold_resumable(
    case when children then _family(v_keys) else v_keys end, resume_in_step.queue, workflow_key
  ) as h;
  v_recorded := _recorded_in_step(workflow_key, resume_in_step.token, resume_in_step.step, 'perdure.resume');
  if v_recorded is not null then
    return v_recorded;
  end if;

  perform _resume(v_held.waiting, v_held.ended, resume_in_step.queue);
  select coalesce(json_object_agg(c.workflow_id, c.outcome), '{}') into v_recorded
  from (
    select distinct on (r.workflow_id) r.workflow_id, r.outcome
    from _resumed(v_keys, v_held.waiting || v_held.ended) as r
    order by r.workflow_id
  ) as c;
  perform _record_now(workflow_key, resume_in_step.step, 'perdure.resume', v_recorded);
  return v_recorded;
end
$$;

comment on function resume_in_step(bigint, bigint, int, text[], text, boolean) is
  'Resumes workflows from a step of a workflow that the caller owns, and records the step with it: however often it
is replayed, they are resumed once. For workflow_ids, queue and children see resume_many.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns an object, as it is recorded: for each id what resume_many says of it.
Raises PD001, PD002, PD007 as resume_many does, PD004 (lease lost), PD005 (another step is recorded there).';

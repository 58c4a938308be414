-- Calls: _hold_tasks, _record_now, _send.
-- Locks: the task of the sender.
create or replace function send_in_step(
  workflow_key bigint,
  token bigint,
  step int,
  workflow_ids text[],
  messages json[],
  topics text[] default null,
  idempotency_keys text[] default null
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  if _hold_tasks(array[workflow_key], array[send_in_step.token]) = '{}' then
    perform _raise_lease_lost(workflow_key);
  end if;
  v_outcome := _record_now(workflow_key, send_in_step.step, 'perdure.send');
  if v_outcome = 'unexpected step' then
    select s.name into v_recorded from steps s where s.key = workflow_key and s.step = send_in_step.step;
    perform _raise_unexpected_step(send_in_step.step, v_recorded, 'perdure.send');
  elsif v_outcome is null then
    perform _send(workflow_ids, messages, topics, idempotency_keys);
  end if;
  return v_outcome is null;
end
$$;

comment on function send_in_step(bigint, bigint, int, text[], json[], text[], text[]) is
  'Sends messages from a step of a workflow that the caller owns, and records the step with them: however often
it is replayed, they are sent once. For parameters see send_many.
Returns true if they were sent now, false if the step was recorded before.
Raises PD001, PD002 as send_many does, PD004 (lease lost), PD005 (another step is recorded there).';

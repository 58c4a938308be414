-- Calls: record_steps.
create or replace function record_step(
  workflow_key bigint,
  token bigint,
  step int,
  name text,
  output json default null,
  error json default null
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_result record;
begin
  select r.outcome, r.name into v_result
  from record_steps(
    array[workflow_key], array[token], array[record_step.step], array[record_step.name],
    array[record_step.output], array[record_step.error]
  ) as r;

  if not found then
    return true;
  end if;
  if v_result.outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_result.outcome = 'unexpected step' then
    perform _raise_unexpected_step(record_step.step, v_result.name, record_step.name);
  end if;
  return false;
end
$$;

comment on function record_step(bigint, bigint, int, text, json, json) is
  'Records one completed step; see record_steps.
Returns true if it was recorded now, false if it was recorded before: list_steps tells what stands.
Raises PD004 (lease lost), PD005 (a step of another name is recorded there).';

-- Calls: sleep_many.
create or replace function sleep(
  workflow_key bigint,
  token bigint,
  step int,
  duration interval,
  put_down boolean default false
)
returns interval
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_slept record;
begin
  select s.* into v_slept
  from sleep_many(
    array[workflow_key], array[sleep.token], array[sleep.step], array[sleep.duration], array[sleep.put_down]
  ) as s;

  if v_slept.outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_slept.outcome = 'unexpected step' then
    perform _raise_unexpected_step(sleep.step, v_slept.name, 'perdure.sleep');
  end if;
  return v_slept.wait_for;
end
$$;

comment on function sleep(bigint, bigint, int, interval, boolean) is
  'Begins a sleep in one step of a workflow that the caller owns, or goes on with it; see sleep_many.
Returns what is left of it.
Raises PD001 (out of range), PD004 (lease lost), PD005 (another step is recorded there).';

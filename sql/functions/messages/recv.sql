-- Calls: recv_many.
create or replace function recv(
  workflow_key bigint,
  token bigint,
  step int,
  topic text default null,
  timeout interval default '60 seconds',
  put_down boolean default false
)
returns table (
  outcome text,
  message json,
  wait_for interval
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_name text;
begin
  select r.outcome, r.name, r.message, r.wait_for
  into outcome, v_name, message, wait_for
  from recv_many(
    array[workflow_key], array[recv.token], array[recv.step], array[recv.topic], array[recv.timeout],
    array[recv.put_down]
  ) as r;

  if outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif outcome = 'unexpected step' then
    perform _raise_unexpected_step(recv.step, v_name, 'perdure.recv');
  end if;
  return next;
end
$$;

comment on function recv(bigint, bigint, int, text, interval, boolean) is
  'Receives a message in one step of a workflow that the caller owns: the first of its topic. Parameters and
outcomes are those of recv_many. Returns one row.
Raises PD001 (as recv_many), PD004 (lease lost), PD005 (another step is recorded there).';

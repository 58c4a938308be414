-- Calls: _send.
create or replace function send(
  workflow_id text,
  message json,
  topic text default null,
  idempotency_key text default null
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
begin
  return _send(array[workflow_id], array[message], array[topic], array[idempotency_key]) > 0;
end
$$;

comment on function send(text, json, text, text) is
  'Sends one message to a workflow; see send_many. Returns false if its idempotency key was used before.
Raises PD001 (bad topic or key), PD002 (no such workflow).';

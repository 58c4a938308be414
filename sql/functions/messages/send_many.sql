-- Calls: _send.
create or replace function send_many(
  workflow_ids text[],
  messages json[],
  topics text[] default null,
  idempotency_keys text[] default null
)
returns int
language plpgsql
security definer
set search_path from current
as $$
begin
  return _send(workflow_ids, messages, topics, idempotency_keys);
end
$$;

comment on function send_many(text[], json[], text[], text[]) is
  'Sends messages to workflows, all or none, as part of the caller''s transaction. They are received in the order
in which they are given. A workflow that has ended keeps them unread.
workflow_ids, messages: one element each.
topics: null, or a topic for each, at most 512 bytes; a null element sends without one.
idempotency_keys: null, or 1 to 512 bytes for each: a workflow gets one message for a key, for ever.
Returns how many were sent now; those whose key was used before were not.
Raises PD001 (arrays of different lengths, bad topic or key), PD002 (no such workflow).';

create or replace function _take_message(
  workflow_key bigint,
  topic text
)
returns table (
  message json
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_message_id bigint;
  v_keyed boolean;
begin
  select m.message_id, m.idempotency_key is not null, m.message
  into v_message_id, v_keyed, message
  from messages m
  where m.key = workflow_key and m.topic = _take_message.topic and not m.received
  order by m.key, m.topic, m.message_id
  limit 1;
  if not found then
    return;
  end if;

  if v_keyed then
    -- Its key keeps it from being sent again.
    update messages m
    set received = true, message = null
    where m.message_id = v_message_id;
  else
    delete from messages m where m.message_id = v_message_id;
  end if;
  return next;
end
$$;

comment on function _take_message(bigint, text) is
  'Takes the first message of a topic from a workflow''s messages; no row if there is none. The caller holds the
task of the workflow, so nobody else takes it.';

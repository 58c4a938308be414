-- Calls: _hold_waiters, _wake_waiters.
-- Locks: what keeps others from beginning to wait (_hold_waiters); no row of the workflows it sends to.
create or replace function _send(
  workflow_ids text[],
  messages json[],
  topics text[],
  idempotency_keys text[]
)
returns int
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_many int := coalesce(cardinality(workflow_ids), 0);
  v_message_ids bigint[];
  v_keys bigint[];
  v_unknown text;
  v_sent_keys bigint[];
  v_sent_topics text[];
begin
  if v_many <> any (array[
    coalesce(cardinality(_send.messages), 0),
    coalesce(cardinality(topics), v_many),
    coalesce(cardinality(idempotency_keys), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays of messages to send differ in length',
      hint => 'Give each array one element for each message.'
    );
  end if;
  perform _check_text('topic', g.topic) from unnest(topics) as g (topic) where octet_length(g.topic) > 512;
  perform _check_text('idempotency key', g.key)
  from unnest(idempotency_keys) as g (key)
  where octet_length(g.key) not between 1 and 512;

  select
    array_agg(nextval('message_ids') order by g.item),
    array_agg(w.key order by g.item),
    min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_message_ids, v_keys, v_unknown
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;

  perform _hold_waiters(v_keys);
  with sent as (
    insert into messages (message_id, key, topic, message, idempotency_key, sent_at)
    select g.message_id, g.key, coalesce(g.topic, ''), g.message, g.idempotency_key, _now()
    from unnest(v_message_ids, v_keys, topics, _send.messages, idempotency_keys)
      as g (message_id, key, topic, message, idempotency_key)
    -- Two senders of the same idempotency keys in another order do not wait for each other in a circle.
    order by g.key, g.idempotency_key collate "C", g.message_id
    on conflict (key, idempotency_key) where idempotency_key is not null do nothing
    returning key, topic
  )
  select array_agg(s.key), array_agg(s.topic) into v_sent_keys, v_sent_topics from sent s;

  if v_sent_keys is not null then
    perform _wake_waiters(v_sent_keys, 'message', v_sent_topics);
  end if;
  return coalesce(cardinality(v_sent_keys), 0);
end
$$;

comment on function _send(text[], json[], text[], text[]) is 'The body of send_many and send_in_step.';

create or replace function _import_records(
  workflow_key bigint,
  workflow exported_workflow
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
  if workflow.traceparent is not null then
    insert into traces (key, traceparent)
    values (workflow_key, workflow.traceparent);
  end if;
  insert into steps (key, step, name, output, error, child_id, attempts, started_at, completed_at, retry_at)
  select
    workflow_key, s.step, s.name, s.output::json, s.error::json, s.child_id, s.attempts, s.started_at,
    s.completed_at, s.retry_at
  from json_to_recordset(workflow.steps) as s (
    step int, name text, output text, error text, child_id text, attempts int, started_at timestamptz,
    completed_at timestamptz, retry_at timestamptz
  );
  insert into places (key, step, place)
  select workflow_key, p.step::int, p.place
  from json_each_text(workflow.places) as p (step, place);
  insert into events (key, name, value, step, set_at)
  select workflow_key, e.name, e.value::json, e.step, e.set_at
  from json_array_elements(workflow.events) with ordinality as g (event, place)
  cross join lateral json_to_record(g.event) as e (name text, value text, step int, set_at timestamptz)
  order by g.place;
  insert into messages (message_id, key, topic, message, idempotency_key, sent_at, received)
  select nextval('message_ids'), workflow_key, m.topic, m.message::json, m.idempotency_key, m.sent_at, m.received
  from (
    select e.*
    from json_array_elements(workflow.messages) with ordinality as g (message, place)
    cross join lateral json_to_record(g.message) as e (
      topic text, message text, idempotency_key text, sent_at timestamptz, received boolean
    )
    order by g.place
    offset 0
  ) as m;
  insert into stream_entries (key, name, entry, value, closes, step, written_at)
  select workflow_key, s.name, s.entry, s.value::json, s.closes, s.step, s.written_at
  from json_to_recordset(workflow.streams) as s (
    name text, entry int, value text, closes boolean, step int, written_at timestamptz
  );
end
$$;

comment on function _import_records(bigint, exported_workflow) is
  'Writes the trace context, steps, events, messages and streams of a workflow of a document.';

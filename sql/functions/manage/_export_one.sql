-- In one snapshot: it is stable, and so are all that call it.
--
-- Values stand in the document as texts: as JSON of their own they would lose spaces around them, and what some
-- of them hold, such as \u0000, could not be taken out again.
create or replace function _export_one(
  workflow_key bigint,
  parent_id text
)
returns json
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
begin
  return (
    select to_json(d)
    from (
      select
        w.workflow_id, w.name,
        coalesce(o.status, t.status) as status,
        (select q.name from queues q where q.queue_id = w.queue_id) as queue,
        (select l.partition_key from lanes l where l.lane_id = w.lane_id) as partition_key,
        w.priority, w.max_recovery_attempts, w.input::text as input, _export_one.parent_id,
        case when _export_one.parent_id is not null then w.parent_step end as parent_step,
        w.app_version, w.created_at, w.deduplication_id,
        w.retries, w.retry_interval, w.retry_backoff, w.retry_max_interval,
        w.timeout, w.deadline, w.attributes, w.application, w.class_name, w.config_name,
        w.authenticated_user, w.authenticated_roles, w.assumed_role,
        w.forked_from, w.was_forked, w.schedule,
        coalesce(o.attempts, t.attempts) as attempts,
        coalesce(o.failures, t.failures) as failures,
        coalesce(o.started_at, t.started_at) as started_at,
        o.completed_at, o.output::text as output, o.error::text as error,
        coalesce(o.deadline, t.deadline) as deadline_now,
        coalesce(o.app_version, nullif(t.app_version, '')) as app_version_now,
        t.timeout as timeout_left,
        -- What is put down has in its steps until when.
        case when t.status = 'DELAYED' then t.wake_at end as wake_at, t.expires_at, t.deduplicated, t.debounced,
        (select f.traceparent from traces f where f.key = workflow_key) as traceparent,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            select
              e.step, e.name, e.output::text as output, e.error::text as error, e.child_id, e.attempts,
              e.started_at, e.completed_at, e.retry_at
            from steps e
            where e.key = workflow_key
            order by e.step
          ) as s
        ) as steps,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            -- Kept apart: planned while there are few, it would read them all, in that order.
            select e.name, e.value::text as value, e.step, e.set_at
            from (select f.* from events f where f.key = workflow_key offset 0) as e
            order by e.event_id
          ) as s
        ) as events,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            select m.topic, m.message::text as message, m.idempotency_key, m.sent_at, m.received
            from (
              select u.* from messages u where u.key = workflow_key and not u.received
              union all
              select r.* from messages r where r.key = workflow_key and r.idempotency_key is not null and r.received
            ) as m
            order by m.message_id
          ) as s
        ) as messages,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            select e.name, e.entry, e.value::text as value, e.closes, e.step, e.written_at
            from stream_entries e
            where e.key = workflow_key
            order by e.name, e.entry
          ) as s
        ) as streams,
        (select json_object_agg(p.step, p.place order by p.step) from places p where p.key = workflow_key) as places
      from workflows w
      left join outcomes o on o.key = workflow_key
      left join tasks t on t.key = workflow_key
      where w.key = workflow_key
    ) as d
  );
end
$$;

comment on function _export_one(bigint, text) is
  'One workflow as an object of the document of export_workflow. The caller sets how moments and spans are written.';

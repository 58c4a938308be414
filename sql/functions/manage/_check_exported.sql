-- Calls: _check_options, _check_deadline, _check_origins, _raise_unreadable.
--
-- Nothing gets in that enqueueing would have refused, or that a claim or run_maintenance could not reckon with: one such
-- row would stop them for all others too.
create or replace function _check_exported(
  workflow exported_workflow
)
returns void
language plpgsql
stable
set search_path from current
as $$
#variable_conflict use_column
declare
  v_wrong text;
  v_first constant timestamptz := timestamptz '0001-01-01 00:00+00';
  v_last constant timestamptz := timestamptz '9999-12-31 00:00+00';
  v_most constant int := 1000000000;
begin
  perform _check_text('workflow id', workflow.workflow_id);
  perform _check_text('workflow name', workflow.name);
  if (workflow.status in ('DELAYED', 'ENQUEUED', 'PENDING')) is distinct from (workflow.completed_at is null) then
    perform _raise_unreadable(
      format('workflow %L of the document is %s but %s', workflow.workflow_id,
        coalesce(workflow.status::text, 'in no status'),
        case when workflow.completed_at is null then 'has not ended' else 'has ended' end)
    );
  end if;
  perform _check_text(t.what, t.value)
  from (values ('deduplication id', workflow.deduplication_id), ('partition key', workflow.partition_key)) as t (what, value)
  where t.value is not null;
  if workflow.application is not null then
    perform _check_application(workflow.application);
  end if;
  perform _check_options(
    'reject', null, null, workflow.retries, workflow.retry_interval, workflow.retry_backoff, workflow.retry_max_interval
  );
  perform _check_deadline(workflow.timeout, workflow.deadline);
  perform _check_deadline(workflow.timeout_left, workflow.deadline_now);
  perform _check_origins(array[row(
    workflow.attributes, workflow.class_name, workflow.config_name, workflow.authenticated_user,
    workflow.authenticated_roles, workflow.assumed_role
  )::workflow_origin]);

  select g.what into v_wrong
  from (
    select m.what, m.at between v_first and v_last as fits
    from (values
      ('created_at', workflow.created_at), ('started_at', workflow.started_at), ('completed_at', workflow.completed_at),
      ('deadline', workflow.deadline), ('deadline_now', workflow.deadline_now),
      ('wake_at', workflow.wake_at), ('expires_at', workflow.expires_at)
    ) as m (what, at)
    union all
    select n.what, n.number between 0 and v_most
    from (values
      ('attempts', workflow.attempts), ('failures', workflow.failures),
      ('max_recovery_attempts', workflow.max_recovery_attempts)
    ) as n (what, number)
    union all
    select 'wake_at', workflow.status <> 'DELAYED' or workflow.wake_at is not null
    union all
    select 'debounced', not workflow.debounced or workflow.status = 'DELAYED' and workflow.deduplicated
    union all
    select 'traceparent', coalesce(_is_traceparent(workflow.traceparent), true)
    union all
    select l.what, coalesce(json_typeof(l.list), 'null') = 'array'
    from (values
      ('steps', workflow.steps), ('events', workflow.events),
      ('messages', workflow.messages), ('streams', workflow.streams)
    ) as l (what, list)
    union all
    select 'places', coalesce(json_typeof(workflow.places), 'object') = 'object'
  ) as g
  where not g.fits
  limit 1;
  if v_wrong is null then
    select 'a step' into v_wrong
    from json_to_recordset(workflow.steps) as s (
      step int, attempts int, started_at timestamptz, completed_at timestamptz, retry_at timestamptz
    )
    where not (
      s.step between 0 and v_most and s.attempts between 0 and v_most
      and coalesce(s.started_at, v_first) between v_first and v_last
      and coalesce(s.completed_at, v_first) between v_first and v_last
      and coalesce(s.retry_at, v_first) between v_first and v_last
    )
    limit 1;
  end if;
  if v_wrong is null then
    select 'a place' into v_wrong
    from json_each_text(workflow.places) as p (step, place)
    where (p.step ~ '^[0-9]{1,9}$' and length(p.place) between 1 and 10000) is not true
    limit 1;
  end if;
  if v_wrong is not null then
    perform _raise_unreadable(
      format('%s of workflow %L of the document is missing or out of range', v_wrong, workflow.workflow_id)
    );
  end if;
end
$$;

comment on function _check_exported(exported_workflow) is
  'Raises PD001 if a workflow of a document is not as export_workflow has made it.';

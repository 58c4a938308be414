-- Calls: _check_groups, _check_statuses, _check_span.
-- Reads: workflows, tasks, outcomes, queues, executors.
--
-- Planned for its arguments at each call: what is null falls out, and one of the three parts is left, or two.
create or replace function workflow_aggregates(
  group_by text[] default '{name,status}',
  statuses text[] default null,
  names text[] default null,
  queues text[] default null,
  created_from timestamptz default null,
  created_until timestamptz default null,
  completed_from timestamptz default null,
  completed_until timestamptz default null,
  bucket_width interval default null,
  max_groups int default 1000
)
returns table (
  name text,
  status text,
  queue text,
  executor text,
  app_version text,
  application text,
  bucket timestamptz,
  workflows bigint
)
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_custom_plan
-- As in workflow_durations.
set random_page_cost to 1.1
as $$
#variable_conflict use_column
declare
  v_by_completion boolean := num_nonnulls(completed_from, completed_until) > 0;
  -- What only tasks and outcomes know.
  v_apart boolean := v_by_completion or statuses is not null or coalesce(group_by, '{}') && '{status,executor,app_version}';
  v_buckets boolean := 'bucket' = any (coalesce(group_by, '{}'));
  v_wanted workflow_status[];
  v_queue_ids int[];
begin
  perform _check_groups(
    group_by, '{name,status,queue,executor,app_version,application,bucket}', max_groups
  );
  perform _check_statuses(statuses);
  perform _check_span('created', created_from, created_until);
  perform _check_span('completed', completed_from, completed_until);
  if v_buckets <> (bucket_width is not null)
    or bucket_width < interval '1 second' or bucket_width > interval '1000 days'
    or extract(year from bucket_width) <> 0 or extract(month from bucket_width) <> 0
  then
    perform _raise(
      'PD001',
      case when bucket_width is null then 'bucket_width is missing'
        when v_buckets then format('a bucket of %s', bucket_width)
        else 'there is a bucket_width and nothing is grouped by bucket' end,
      hint => 'Group by bucket and give a bucket_width of 1 second to 1000 days, without months.'
    );
  end if;
  v_wanted := statuses::workflow_status[];
  if queues is not null then
    v_queue_ids := array(select q.queue_id from queues q where q.name = any (workflow_aggregates.queues));
  end if;

  return query
  with seen as (
    select w.name, null::workflow_status as status, w.queue_id, null::bigint as executor_id, null::text as app_version, w.application,
      w.created_at as at
    from workflows w
    where not v_apart
      and (names is null or w.name collate "C" = any (names))
      and (v_queue_ids is null or w.queue_id = any (v_queue_ids))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
    union all
    select w.name, t.status, w.queue_id, t.executor_id, nullif(t.app_version, ''), w.application, w.created_at
    from tasks t
    join workflows w on w.key = t.key
    where v_apart and not v_by_completion
      and (v_wanted is null or t.status = any (v_wanted))
      and (names is null or w.name collate "C" = any (names))
      and (v_queue_ids is null or w.queue_id = any (v_queue_ids))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
    union all
    select w.name, o.status, w.queue_id, o.executor_id, o.app_version, w.application,
      case when v_by_completion then o.completed_at else w.created_at end
    from outcomes o
    join workflows w on w.key = o.key
    where v_apart
      and (v_wanted is null or o.status = any (v_wanted))
      and (completed_from is null or o.completed_at >= completed_from)
      and (completed_until is null or o.completed_at < completed_until)
      and (names is null or w.name collate "C" = any (names))
      and (v_queue_ids is null or w.queue_id = any (v_queue_ids))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
  ),
  counted as (
    select
      case when 'name' = any (group_by) then s.name end as name,
      case when 'status' = any (group_by) then s.status end as status,
      case when 'queue' = any (group_by) then s.queue_id end as queue_id,
      case when 'executor' = any (group_by) then s.executor_id end as executor_id,
      case when 'app_version' = any (group_by) then s.app_version end as app_version,
      case when 'application' = any (group_by) then s.application end as application,
      case when v_buckets then date_bin(bucket_width, s.at, '2001-01-01 00:00+00') end as bucket,
      count(*) as workflows
    from seen s
    group by 1, 2, 3, 4, 5, 6, 7
  )
  select
    c.name, c.status::text, q.name, e.name, c.app_version, c.application, c.bucket,
    sum(c.workflows)::bigint as workflows
  from counted c
  left join queues q on q.queue_id = c.queue_id
  left join executors e on e.executor_id = c.executor_id
  group by 1, 2, 3, 4, 5, 6, 7
  order by 7, 8 desc, 1, 2, 3, 4, 5, 6
  limit max_groups;
end
$$;

comment on function workflow_aggregates(
  text[], text[], text[], text[], timestamptz, timestamptz, timestamptz, timestamptz, interval, int
) is
  'How many workflows there are, by what is asked for: a row for each group that has any.
group_by: any of name, status, queue, executor, app_version, application, bucket; with none of them the row has the total.
statuses, names, queues: null for all, or only these.
created_from, created_until, completed_from, completed_until: spans with their beginning and without their end. It reads
what is in the span; without one, everything.
bucket_width: with bucket, how long each is, 1 second to 1000 days without months; buckets are counted from midnight
UTC of a Monday. They are of created_at; with a span of completion, of completed_at.
max_groups: 1 to 100000.
Columns that are not grouped by are null; queue is null for direct starts, executor where it is not registered any more.
Ordered by bucket, the largest groups first.
Raises PD001 (an unknown group or status, a number out of range, a bucket without width or of no such width, a span that
ends before it begins).';

-- Calls: _check_groups, _check_span.
-- Reads: steps, workflows.
create or replace function step_aggregates(
  group_by text[] default '{step}',
  step_names text[] default null,
  names text[] default null,
  created_from timestamptz default null,
  created_until timestamptz default null,
  max_groups int default 1000
)
returns table (
  step text,
  workflow text,
  steps bigint,
  succeeded bigint,
  failed bigint,
  unfinished bigint,
  attempts bigint,
  average interval,
  p50 interval,
  p95 interval,
  p99 interval,
  longest interval
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
  v_named boolean := names is not null or created_from is not null or created_until is not null
    or 'workflow' = any (coalesce(group_by, '{}'));
begin
  perform _check_groups(group_by, '{step,workflow}', max_groups);
  perform _check_span('created', created_from, created_until);
  return query
  with seen as (
    select s.name as step, null::text as workflow, s.error, s.attempts, s.completed_at, s.completed_at - s.started_at as took
    from steps s
    where not v_named
      and (step_names is null or s.name = any (step_names))
    union all
    select s.name, w.name, s.error, s.attempts, s.completed_at, s.completed_at - s.started_at
    from workflows w
    join steps s on s.key = w.key
    where v_named
      and (step_names is null or s.name = any (step_names))
      and (names is null or w.name collate "C" = any (names))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
  ),
  measured as (
    select
      case when 'step' = any (group_by) then s.step end as step,
      case when 'workflow' = any (group_by) then s.workflow end as workflow,
      count(*) as steps,
      count(*) filter (where s.completed_at is not null and s.error is null) as succeeded,
      count(*) filter (where s.completed_at is not null and s.error is not null) as failed,
      count(*) filter (where s.completed_at is null) as unfinished,
      sum(s.attempts) as attempts,
      avg(s.took) as average,
      percentile_disc(array[0.5, 0.95, 0.99, 1]) within group (order by s.took) as took
    from seen s
    group by 1, 2
  )
  select
    m.step, m.workflow, m.steps, m.succeeded, m.failed, m.unfinished, m.attempts, m.average,
    m.took[1], m.took[2], m.took[3], m.took[4]
  from measured m
  order by m.steps desc, m.step, m.workflow
  limit max_groups;
end
$$;

comment on function step_aggregates(text[], text[], text[], timestamptz, timestamptz, int) is
  'How steps went: a row for each group.
group_by: any of step (its name), workflow (the name of the workflow); with none of them one row.
step_names: null for all, or only steps of these names; names: null for all, or only those of workflows of these names.
created_from, created_until: the steps of workflows that were enqueued or started in this span, with its beginning and
without its end. It reads what is in the span; without one, everything.
max_groups: 1 to 100000; those with the most steps come first.
steps: how many are recorded, of which succeeded, failed, and are unfinished: they wait, or will be tried again. attempts:
how often they were tried, all together. average to longest: how long those that have ended took, where that was
recorded.
Raises PD001 (an unknown group, a number out of range, a span that ends before it begins).';

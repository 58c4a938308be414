-- What has one status and one name, or one executor, comes from an index in the order of the list; what has one
-- of several does not. So each gets a search of its own, as long as that is not many.
create or replace function _sides(
  filter workflow_filter,
  statuses text[]
)
returns table (
  side text,
  statuses_there workflow_status[],
  part workflow_filter
)
language plpgsql
immutable
set search_path from current
as $$
declare
  v_part workflow_filter := filter;
  v_parts workflow_filter[] := array[]::workflow_filter[];
  v_name text;
  v_executor_id bigint;
  v_ended boolean := num_nonnulls(filter.completed_from, filter.completed_until) > 0;
  v_wanted workflow_status[] := statuses::workflow_status[];
  v_apart boolean := v_wanted is not null or v_ended or filter.executor_ids is not null or filter.app_versions is not null
    or num_nonnulls(filter.started_from, filter.started_until) > 0;
begin
  if exists (
    select
    from unnest(array[
      cardinality(filter.workflow_ids), cardinality(filter.id_patterns), cardinality(filter.names),
      cardinality(filter.app_versions), cardinality(filter.users), cardinality(filter.queue_ids),
      cardinality(filter.executor_ids), cardinality(filter.parent_keys), cardinality(filter.forked_from),
      cardinality(filter.schedules), cardinality(filter.applications), cardinality(v_wanted)
    ]) as a (many)
    where a.many = 0
  ) then
    return;
  end if;

  if cardinality(filter.names) between 2 and 20 then
    foreach v_name in array array(select distinct n.name from unnest(filter.names) as n (name)) loop
      v_part.names := array[v_name];
      v_parts := array_append(v_parts, v_part);
    end loop;
  elsif cardinality(filter.executor_ids) between 2 and 20 then
    foreach v_executor_id in array filter.executor_ids loop
      v_part.executor_ids := array[v_executor_id];
      v_parts := array_append(v_parts, v_part);
    end loop;
  else
    v_parts := array[filter];
  end if;
  return query
  select s.side, s.statuses_there, p
  from (
    select 'all', null::workflow_status[] where not v_apart
    union all
    select 'active', null where v_apart and v_wanted is null and not v_ended
    union all
    select 'ended', null where v_apart and v_wanted is null
    union all
    select 'active', array_agg(distinct w.status)
    from unnest(v_wanted) as w (status)
    where w.status < 'SUCCESS' and not v_ended
    having count(*) > 0
    union all
    select distinct 'ended', array[w.status]
    from unnest(v_wanted) as w (status)
    where w.status >= 'SUCCESS'
  ) as s (side, statuses_there)
  cross join unnest(v_parts) as p;
end
$$;

comment on function _sides(workflow_filter, text[]) is
  'Where to look for what passes a filter: all, active, or ended, for which statuses, and with which filter; no row if
nothing can pass.';

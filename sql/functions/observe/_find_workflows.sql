-- Reads: workflows, tasks, outcomes.
--
-- The statement is put together from constants only: what callers give is in $1 to $5. It is planned for
-- these values at each call, because they decide which index is best; `= any` of one value would hide the
-- order that an index has.
create or replace function _find_workflows(
  filter workflow_filter,
  side text,
  statuses workflow_status[],
  sort text,
  newest_first boolean,
  after_at timestamptz,
  after_key bigint,
  many int,
  out keys bigint[],
  out times timestamptz[]
)
language plpgsql
stable
set search_path from current
set jit to off
-- Not of what is executed, which is planned each time.
set plan_cache_mode to force_generic_plan
-- A merge of old workflows with outcomes reads all outcomes since: of 2 million, 200 ms instead of 1.
set enable_mergejoin to off
set enable_hashjoin to off
as $$
#variable_conflict use_column
declare
  -- What has an index of its own in the order of the keys leads that order, and is a span of one value, not equal to
  -- it: for the planner, workflows of one name are as well in the order of all workflows, and if it thinks
  -- the name frequent it walks those, past all that have come since the name went out of use.
  v_lead text := case
    when sort <> 'key' or side = 'active' or side = 'ended' and coalesce(statuses <> '{SUCCESS}', false) then 'none'
    when cardinality(filter.parent_keys) = 1 then 'parent'
    when cardinality(filter.forked_from) = 1 then 'forked_from'
    when cardinality(filter.users) = 1 then 'user'
    when cardinality(filter.schedules) = 1 then 'schedule'
    when cardinality(filter.names) = 1 then 'name'
    when cardinality(filter.queue_ids) = 1 then 'queue'
    when cardinality(filter.applications) = 1 then 'application'
    when cardinality(filter.executor_ids) = 1 and side = 'ended' then 'executor'
    when cardinality(filter.app_versions) = 1 and side = 'ended' then 'version'
    else 'none'
  end;
  -- What is told by its end alone is walked by that. Joined, the planner may walk all workflows instead, past a
  -- backlog of which none has ended.
  v_ended_only boolean := side = 'ended' and sort = 'key' and v_lead = 'none' and num_nonnulls(
    filter.workflow_ids, filter.id_patterns, filter.names, filter.app_versions, filter.users, filter.queue_ids,
    filter.queued, filter.parent_keys, filter.has_parent, filter.forked_from, filter.was_forked, filter.schedules,
    filter.attributes, filter.applications, filter.created_from, filter.created_until
  ) = 0;
  v_column text := case v_lead
    when 'parent' then 'w.parent_key' when 'forked_from' then 'w.forked_from' when 'user' then 'w.authenticated_user'
    when 'schedule' then 'w.schedule' when 'name' then 'w.name collate "C"' when 'queue' then 'w.queue_id'
    when 'application' then 'w.application' when 'version' then 'o.app_version'
    when 'executor' then 'o.executor_id'
  end;
  v_key text := case
    when v_lead in ('version', 'executor') or v_ended_only or sort = 'completed' or sort = 'started' and side = 'ended' then 'o.key'
    when sort = 'started' then 't.key'
    else 'w.key'
  end;
  v_at text := case sort
    when 'created' then 'w.created_at'
    when 'completed' then 'o.completed_at'
    when 'started' then case side when 'active' then 't.started_at' else 'o.started_at' end
    else 'null::timestamptz'
  end;
  v_value text := case v_lead
    when 'parent' then '(($1).parent_keys)[1]' when 'forked_from' then '(($1).forked_from)[1]'
    when 'user' then '(($1).users)[1]' when 'schedule' then '(($1).schedules)[1]'
    when 'name' then '(($1).names)[1]' when 'queue' then '(($1).queue_ids)[1]'
    when 'application' then '(($1).applications)[1]' when 'version' then '(($1).app_versions)[1]'
    when 'executor' then '(($1).executor_ids)[1]'
  end;
begin
  execute
    'select array_agg(f.key), array_agg(f.at) from (select w.key, '
    || v_at
    || ' as at'
    || case side
      when 'all' then ' from workflows w'
      when 'active' then ' from tasks t join workflows w on w.key = t.key'
      else
        case when v_ended_only then ' from outcomes o cross join lateral (select * from workflows f where f.key = o.key offset 0) as w'
          else ' from outcomes o join workflows w on w.key = o.key'
        end
    end
    || ' where true'
    || case when v_lead = 'none' then ''
      when after_key is null then ' and ' || v_column || ' between ' || v_value || ' and ' || v_value
      when newest_first then
        ' and ' || v_column || ' >= ' || v_value || ' and (' || v_column || ', ' || v_key || ') < (' || v_value || ', $3)'
      else ' and ' || v_column || ' <= ' || v_value || ' and (' || v_column || ', ' || v_key || ') > (' || v_value || ', $3)'
    end
    -- Where the list goes on. A condition on the keys of one table is not passed on to the other.
    || case when after_key is null or v_lead <> 'none' then '' else
      case when sort = 'key' then
        case when newest_first then ' and w.key < $3' else ' and w.key > $3' end
        || case side
          when 'all' then ''
          when 'active' then case when newest_first then ' and t.key < $3' else ' and t.key > $3' end
          else case when newest_first then ' and o.key < $3' else ' and o.key > $3' end
        end
      else
        ' and (' || v_at || ', ' || v_key || ') '
        || case when newest_first then '< ($2, $3)' else '> ($2, $3)' end
      end
    end
    -- What `tasks` and `outcomes` know.
    || case when statuses is null then ''
      else
        case side when 'active' then ' and t.status ' else ' and o.status ' end
        || case when cardinality(statuses) = 1 then '= ($5)[1]' else '= any ($5)' end
    end
    || case when filter.executor_ids is null or v_lead = 'executor' then ''
      else case side when 'active' then ' and t.' else ' and o.' end || 'executor_id = any (($1).executor_ids)'
    end
    || case when filter.started_from is null then ''
      else case side when 'active' then ' and t.' else ' and o.' end || 'started_at >= ($1).started_from'
    end
    || case when filter.started_until is null then ''
      else case side when 'active' then ' and t.' else ' and o.' end || 'started_at < ($1).started_until'
    end
    || case when filter.completed_from is null then '' else ' and o.completed_at >= ($1).completed_from' end
    || case when filter.completed_until is null then '' else ' and o.completed_at < ($1).completed_until' end
    -- What `workflows` knows.
    || case when filter.workflow_ids is null then '' else ' and w.workflow_id = any (($1).workflow_ids)' end
    || case when filter.id_patterns is null then '' else (
      select ' and (' || string_agg('w.workflow_id like (($1).id_patterns)[' || i || ']', ' or ') || ')'
      from generate_series(1, cardinality(filter.id_patterns)) as i
    ) end
    || case when v_lead = 'name' then '' else case coalesce(cardinality(filter.names), 0)
      when 0 then '' when 1 then ' and w.name collate "C" = (($1).names)[1]'
      else ' and w.name collate "C" = any (($1).names)'
    end end
    || case when filter.app_versions is null or v_lead = 'version' then ''
      else case side when 'active' then ' and t.' else ' and o.' end || 'app_version = any (($1).app_versions)'
    end
    || case when filter.applications is null or v_lead = 'application' then ''
      else ' and w.application = any (($1).applications)'
    end
    || case when v_lead = 'user' then '' else case coalesce(cardinality(filter.users), 0)
      when 0 then '' when 1 then ' and w.authenticated_user = (($1).users)[1]'
      else ' and w.authenticated_user = any (($1).users)'
    end end
    || case when v_lead = 'queue' then '' else case coalesce(cardinality(filter.queue_ids), 0)
      when 0 then '' when 1 then ' and w.queue_id = (($1).queue_ids)[1]'
      else ' and w.queue_id = any (($1).queue_ids)'
    end end
    || case when filter.queue_ids is null or side <> 'active' then '' else
      -- What is resumed waits in an internal queue without leaving its own.
      ' and t.queue_id = any (($1).queue_ids || array(select q.queue_id from queues q where q.internal))'
    end
    || case filter.queued when true then ' and w.queue_id is not null' when false then ' and w.queue_id is null' else '' end
    || case when v_lead = 'parent' then '' else case coalesce(cardinality(filter.parent_keys), 0)
      when 0 then '' when 1 then ' and w.parent_key = (($1).parent_keys)[1]'
      else ' and w.parent_key = any (($1).parent_keys)'
    end end
    || case filter.has_parent
      when true then ' and w.parent_key is not null' when false then ' and w.parent_key is null' else ''
    end
    || case when v_lead = 'forked_from' then '' else case coalesce(cardinality(filter.forked_from), 0)
      when 0 then '' when 1 then ' and w.forked_from = (($1).forked_from)[1]'
      else ' and w.forked_from = any (($1).forked_from)'
    end end
    || case filter.was_forked when true then ' and w.was_forked' when false then ' and not w.was_forked' else '' end
    || case when v_lead = 'schedule' then '' else case coalesce(cardinality(filter.schedules), 0)
      when 0 then '' when 1 then ' and w.schedule = (($1).schedules)[1]'
      else ' and w.schedule = any (($1).schedules)'
    end end
    || case when filter.attributes is null then '' else ' and w.attributes @> ($1).attributes' end
    || case when filter.created_from is null then '' else ' and w.created_at >= ($1).created_from' end
    || case when filter.created_until is null then '' else ' and w.created_at < ($1).created_until' end
    || ' order by '
    || case when v_lead <> 'none' then v_column
      -- The oldest of the active ones are not found by walking all that was created before them: this cannot be
      -- sorted before the two tables are joined.
      when sort = 'created' and side = 'active' and not newest_first
        then 'case when t.key = w.key then w.created_at end'
      when sort <> 'key' then v_at
      else ''
    end
    || case when sort = 'key' and v_lead = 'none' then '' when newest_first then ' desc, ' else ', ' end
    || v_key
    || case when newest_first then ' desc' else '' end
    || ' limit $4) as f'
  into keys, times
  using
    filter, after_at, after_key, many, statuses;
end
$$;

comment on function _find_workflows(
  workflow_filter, text, workflow_status[], text, boolean, timestamptz, bigint, int
) is
  'The first keys of those that pass a filter, and, with created, started or completed as sort, the moments.
side: all, active or ended; with statuses or what only tasks and outcomes know one of the latter.';

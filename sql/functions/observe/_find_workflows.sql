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
begin
  execute
    'select array_agg(f.key), array_agg(f.at) from (select w.key, '
    || case sort when 'created' then 'w.created_at' when 'completed' then 'o.completed_at' else 'null::timestamptz' end
    || ' as at'
    || case side
      when 'all' then ' from workflows w'
      when 'active' then ' from tasks t join workflows w on w.key = t.key'
      else ' from outcomes o join workflows w on w.key = o.key'
    end
    || ' where true'
    -- Where the list goes on. A condition on the keys of one table is not passed on to the other.
    || case when after_key is null then '' else
      case when sort = 'key' then
        case when newest_first then ' and w.key < $3' else ' and w.key > $3' end
        || case side
          when 'all' then ''
          when 'active' then case when newest_first then ' and t.key < $3' else ' and t.key > $3' end
          else case when newest_first then ' and o.key < $3' else ' and o.key > $3' end
        end
      else
        case sort when 'created' then ' and (w.created_at, w.key) ' else ' and (o.completed_at, o.key) ' end
        || case when newest_first then '< ($2, $3)' else '> ($2, $3)' end
      end
    end
    -- What `tasks` and `outcomes` know.
    || case when statuses is null then ''
      else
        case side when 'active' then ' and t.status ' else ' and o.status ' end
        || case when cardinality(statuses) = 1 then '= ($5)[1]' else '= any ($5)' end
    end
    || case when filter.executor_ids is null then ''
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
    || case coalesce(cardinality(filter.names), 0)
      when 0 then '' when 1 then ' and w.name collate "C" = (($1).names)[1]'
      else ' and w.name collate "C" = any (($1).names)'
    end
    || case when filter.app_versions is null then ''
      else case side
          when 'all' then ' and coalesce((select nullif(t.app_version, '''') from tasks t where t.key = w.key),'
            || ' (select o.app_version from outcomes o where o.key = w.key), w.app_version)'
          when 'active' then ' and t.app_version'
          else ' and coalesce(o.app_version, w.app_version)'
        end || ' = any (($1).app_versions)'
    end
    || case when filter.applications is null then '' else ' and w.application = any (($1).applications)' end
    || case coalesce(cardinality(filter.users), 0)
      when 0 then '' when 1 then ' and w.authenticated_user = (($1).users)[1]'
      else ' and w.authenticated_user = any (($1).users)'
    end
    || case coalesce(cardinality(filter.queue_ids), 0)
      when 0 then '' when 1 then ' and w.queue_id = (($1).queue_ids)[1]'
      else ' and w.queue_id = any (($1).queue_ids)'
    end
    || case when filter.queue_ids is null or side <> 'active' then '' else
      -- What is resumed waits in an internal queue without leaving its own.
      ' and t.queue_id = any (($1).queue_ids || array(select q.queue_id from queues q where q.internal))'
    end
    || case filter.queued when true then ' and w.queue_id is not null' when false then ' and w.queue_id is null' else '' end
    || case coalesce(cardinality(filter.parent_keys), 0)
      when 0 then '' when 1 then ' and w.parent_key = (($1).parent_keys)[1]'
      else ' and w.parent_key = any (($1).parent_keys)'
    end
    || case filter.has_parent
      when true then ' and w.parent_key is not null' when false then ' and w.parent_key is null' else ''
    end
    || case coalesce(cardinality(filter.forked_from), 0)
      when 0 then '' when 1 then ' and w.forked_from = (($1).forked_from)[1]'
      else ' and w.forked_from = any (($1).forked_from)'
    end
    || case filter.was_forked when true then ' and w.was_forked' when false then ' and not w.was_forked' else '' end
    || case coalesce(cardinality(filter.schedules), 0)
      when 0 then '' when 1 then ' and w.schedule = (($1).schedules)[1]'
      else ' and w.schedule = any (($1).schedules)'
    end
    || case when filter.attributes is null then '' else ' and w.attributes @> ($1).attributes' end
    || case when filter.created_from is null then '' else ' and w.created_at >= ($1).created_from' end
    || case when filter.created_until is null then '' else ' and w.created_at < ($1).created_until' end
    || ' order by '
    || case sort when 'created' then 'w.created_at ' when 'completed' then 'o.completed_at ' else '' end
    || case when sort = 'key' then '' when newest_first then 'desc, ' else ', ' end
    || case when sort = 'completed' then 'o.key' else 'w.key' end
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
  'The first keys of those that pass a filter, and, with created or completed as sort, the moments.
side: all, active or ended; with statuses or what only tasks and outcomes know one of the latter.';

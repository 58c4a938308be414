-- Calls: _list_columns, _list_conditions.
--
-- What has an index of its own in the order of the keys leads that order, and is a span of one value, not equal to
-- it: for the planner, workflows of one name are as well in the order of all workflows, and if it thinks
-- the name frequent it walks those, past all that have come since the name went out of use.
--
-- What is told by its end alone is walked by that. Joined, the planner may walk all workflows instead, past a
-- backlog of which none has ended.
create or replace function _list_statement(
  filter workflow_filter,
  side text,
  statuses workflow_status[],
  sort text,
  newest_first boolean,
  goes_on boolean
)
returns text
language plpgsql
immutable
set search_path from current
as $$
declare
  v_lead record;
  v_value text;
  v_conditions text;
  v_ended_only boolean;
  v_at text := case sort
    when 'created' then 'w.created_at'
    when 'completed' then 'e.completed_at'
    when 'started' then 'e.started_at'
    else 'null::timestamptz'
  end;
  v_key text;
  v_beyond text := case when newest_first then '<' else '>' end;
  v_direction text := case when newest_first then ' desc' else '' end;
begin
  select l.field, l.column_name into v_lead
  from _list_columns(filter, side) as l
  where l.leads and l.many = 1 and sort = 'key'
    and (side = 'ended' or l.column_name like 'w.%')
    and not (side = 'ended' and coalesce(statuses <> '{SUCCESS}', false))
  order by l.place
  limit 1;
  v_value := '(($1).' || v_lead.field || ')[1]';
  v_conditions := _list_conditions(filter, side, statuses, v_lead.field);
  v_ended_only := side = 'ended' and sort = 'key' and v_lead.field is null and v_conditions !~ '\mw\.';
  v_key := case
    when v_ended_only or v_lead.column_name like 'e.%' or sort in ('started', 'completed') then 'e.key' else 'w.key'
  end;

  return 'select w.key, ' || v_at || ' as at'
    || case
      when side = 'all' then ' from workflows w'
      when side = 'active' then ' from tasks e join workflows w on w.key = e.key'
      when v_ended_only
        then ' from outcomes e cross join lateral (select * from workflows f where f.key = e.key offset 0) as w'
      else ' from outcomes e join workflows w on w.key = e.key'
    end
    || ' where true'
    -- Where the list goes on.
    || case
      when v_lead.field is not null then case
        when not goes_on then ' and ' || v_lead.column_name || ' between ' || v_value || ' and ' || v_value
        else ' and ' || v_lead.column_name || ' ' || case when newest_first then '>=' else '<=' end || ' ' || v_value
          || ' and (' || v_lead.column_name || ', ' || v_key || ') ' || v_beyond || ' (' || v_value || ', $3)'
      end
      when not goes_on then ''
      when sort <> 'key' then ' and (' || v_at || ', ' || v_key || ') ' || v_beyond || ' ($2, $3)'
      -- A condition on the keys of one table is not passed on to the other.
      else ' and w.key ' || v_beyond || ' $3' || case when side = 'all' then '' else ' and e.key ' || v_beyond || ' $3' end
    end
    || v_conditions
    || ' order by '
    || case
      when v_lead.field is not null then v_lead.column_name || v_direction || ', '
      -- The oldest of the active ones are not found by walking all that was created before them: this cannot be
      -- sorted before the two tables are joined.
      when sort = 'created' and side = 'active' and not newest_first
        then 'case when e.key = w.key then w.created_at end, '
      when sort <> 'key' then v_at || v_direction || ', '
      else ''
    end
    || v_key || v_direction;
end
$$;

comment on function _list_statement(workflow_filter, text, workflow_status[], text, boolean, boolean) is
  'The query of _find_workflows: $1 is the filter, $2 and $3 the moment and the key behind which it goes on, $5 the
statuses.';

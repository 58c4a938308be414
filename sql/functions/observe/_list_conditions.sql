-- Calls: _list_columns.
create or replace function _list_conditions(
  filter workflow_filter,
  side text,
  statuses workflow_status[],
  lead text
)
returns text
language plpgsql
immutable
set search_path from current
as $$
declare
  v_conditions text;
begin
  select string_agg(' and ' || c.condition, '' order by c.place) into v_conditions
  from (
    select
      l.place,
      l.column_name || ' = ' || case
        when l.many = 1 then '(($1).' || l.field || ')[1]' else 'any (($1).' || l.field || ')'
      end
    from _list_columns(filter, side) as l
    where l.field is distinct from lead
    union all
    select v.place, v.condition
    from (values
      (11, statuses is not null, 'e.status ' || case when cardinality(statuses) = 1 then '= ($5)[1]' else '= any ($5)' end),
      (12, filter.started_from is not null, 'e.started_at >= ($1).started_from'),
      (13, filter.started_until is not null, 'e.started_at < ($1).started_until'),
      (14, filter.completed_from is not null, 'e.completed_at >= ($1).completed_from'),
      (15, filter.completed_until is not null, 'e.completed_at < ($1).completed_until'),
      (16, filter.id_patterns is not null, (
        select '(' || string_agg('w.workflow_id like (($1).id_patterns)[' || i || ']', ' or ') || ')'
        from generate_series(1, cardinality(filter.id_patterns)) as i
      )),
      -- What is resumed waits in an internal queue without leaving its own.
      (
        17, filter.queue_ids is not null and side = 'active',
        'e.queue_id = any (($1).queue_ids || array(select q.queue_id from queues q where q.internal))'
      ),
      (18, filter.queued, 'w.queue_id is not null'),
      (19, not filter.queued, 'w.queue_id is null'),
      (20, filter.has_parent, 'w.parent_key is not null'),
      (21, not filter.has_parent, 'w.parent_key is null'),
      (22, filter.is_fork, 'num_nonnulls(w.forked_from) = 1'),
      (23, not filter.is_fork, 'w.forked_from is null'),
      (24, filter.was_forked, 'w.was_forked'),
      (25, not filter.was_forked, 'not w.was_forked'),
      (26, filter.attributes is not null, 'w.attributes @> ($1).attributes'),
      (27, filter.created_from is not null, 'w.created_at >= ($1).created_from'),
      (28, filter.created_until is not null, 'w.created_at < ($1).created_until')
    ) as v (place, holds, condition)
    where v.holds
  ) as c (place, condition);
  return coalesce(v_conditions, '');
end
$$;

comment on function _list_conditions(workflow_filter, text, workflow_status[], text) is
  'The conditions of a filter but for the field that leads the order: w is workflows, e is tasks or outcomes, $1 the filter
and $5 the statuses.';

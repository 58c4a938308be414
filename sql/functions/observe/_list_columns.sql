-- Those that have an index of their own in the order of the keys come first, the most telling ahead. In `tasks` only
-- few pass: none leads there.
create or replace function _list_columns(
  filter workflow_filter,
  side text
)
returns table (
  place int,
  leads boolean,
  field text,
  column_name text,
  many int
)
language plpgsql
immutable
set search_path from current
as $$
begin
  return query
  select c.place, c.leads and side <> 'active', c.field, c.column_name, c.many
  from (values
    (1, true, 'parent_keys', 'w.parent_key', cardinality(filter.parent_keys)),
    (2, true, 'forked_from', 'w.forked_from', cardinality(filter.forked_from)),
    (3, true, 'users', 'w.authenticated_user', cardinality(filter.users)),
    (4, true, 'schedules', 'w.schedule', cardinality(filter.schedules)),
    (5, true, 'names', 'w.name collate "C"', cardinality(filter.names)),
    (6, true, 'queue_ids', 'w.queue_id', cardinality(filter.queue_ids)),
    (7, true, 'applications', 'w.application', cardinality(filter.applications)),
    (8, true, 'executor_ids', 'e.executor_id', cardinality(filter.executor_ids)),
    (9, true, 'app_versions', 'e.app_version', cardinality(filter.app_versions)),
    (10, false, 'workflow_ids', 'w.workflow_id', cardinality(filter.workflow_ids))
  ) as c (place, leads, field, column_name, many)
  where c.many > 0;
end
$$;

comment on function _list_columns(workflow_filter, text) is
  'Of a filter the fields that name values of a column, how many they name, and whether one of these may lead the order.';

create or replace function list_retention()
returns table (
  workflow text,
  max_age interval,
  max_count bigint,
  statuses text[],
  created_at timestamptz
)
language sql
stable
security definer
set search_path from current
as $$
  select nullif(r.workflow, ''), r.max_age, r.max_count, r.statuses, r.created_at
  from retention r
  order by r.workflow
$$;

comment on function list_retention() is
  'The policies of set_retention: the one for the rest, whose workflow is null, then by name.';

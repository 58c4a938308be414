create or replace function list_queues()
returns table (
  queue text,
  created_at timestamptz
)
language sql
stable
security definer
set search_path from current
as $$
  select q.name, q.created_at
  from queues q
  where q.name <> '_internal'
  order by q.name
$$;

comment on function list_queues() is 'The queues by name, without the internal one.';

-- Calls: _check_statuses, _check_span.
create or replace function _check_filter(
  filter workflow_filter,
  statuses text[]
)
returns void
language plpgsql
stable
set search_path from current
as $$
begin
  perform _check_statuses(statuses);
  if jsonb_typeof(filter.attributes) <> 'object' then
    perform _raise(
      'PD001',
      format('attributes are an object, not %s', left(filter.attributes::text, 80)),
      hint => 'Give what the attributes contain: {"customer": 7}'
    );
  end if;
  perform _check_span('created', filter.created_from, filter.created_until);
  perform _check_span('started', filter.started_from, filter.started_until);
  perform _check_span('completed', filter.completed_from, filter.completed_until);
end
$$;

comment on function _check_filter(workflow_filter, text[]) is
  'Raises PD001 if a status is unknown, the attributes are no object, or a span ends before it begins.';

create or replace function _check_filter(
  filter workflow_filter,
  statuses text[]
)
returns void
language plpgsql
immutable
set search_path from current
as $$
declare
  v_unknown text;
  v_span record;
begin
  select s.status into v_unknown
  from unnest(statuses) as s (status)
  where (s.status = any (enum_range(null::workflow_status)::text[])) is not true
  limit 1;
  if found then
    perform _raise(
      'PD001',
      format('unknown status %s', coalesce(quote_literal(v_unknown), 'null')),
      hint => format('Give any of %s', array_to_string(enum_range(null::workflow_status), ', '))
    );
  end if;
  if jsonb_typeof(filter.attributes) <> 'object' then
    perform _raise(
      'PD001',
      format('attributes are an object, not %s', left(filter.attributes::text, 80)),
      hint => 'Give what the attributes contain: {"customer": 7}'
    );
  end if;
  for v_span in
    select s.what, s.since, s.until
    from (values
      ('created', filter.created_from, filter.created_until),
      ('started', filter.started_from, filter.started_until),
      ('completed', filter.completed_from, filter.completed_until)
    ) as s (what, since, until)
    where s.since > s.until
  loop
    perform _raise(
      'PD001',
      format('%s_from, %s, is after %s_until, %s', v_span.what, v_span.since, v_span.what, v_span.until),
      hint => 'A span has its beginning, and not its end.'
    );
  end loop;
end
$$;

comment on function _check_filter(workflow_filter, text[]) is
  'Raises PD001 if a status is unknown, the attributes are no object, or a span ends before it begins.';

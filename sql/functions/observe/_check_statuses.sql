create or replace function _check_statuses(
  statuses text[]
)
returns void
language plpgsql
immutable
set search_path from current
as $$
declare
  v_unknown text;
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
end
$$;

comment on function _check_statuses(text[]) is 'Raises PD001 if a status is unknown.';

create or replace function _check_groups(
  group_by text[],
  known text[],
  max_groups int default 1
)
returns void
language plpgsql
immutable
set search_path from current
as $$
declare
  v_unknown text;
begin
  select g.key into v_unknown
  from unnest(group_by) as g (key)
  where (g.key = any (known)) is not true
  limit 1;
  if found then
    perform _raise(
      'PD001',
      format('cannot group by %s', coalesce(quote_literal(v_unknown), 'null')),
      hint => format('Group by any of %s', array_to_string(known, ', '))
    );
  end if;
  if max_groups between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('figures have 1 to 100000 groups, not %s', coalesce(max_groups::text, 'null')),
      hint => 'Group by less, or give a span of time.'
    );
  end if;
end
$$;

comment on function _check_groups(text[], text[], int) is
  'Raises PD001 if figures are asked for by something unknown, or for too many groups.';

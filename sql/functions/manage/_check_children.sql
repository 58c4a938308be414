create or replace function _check_children(
  children json
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_unknown text;
begin
  if children is null then
    return;
  end if;
  if json_typeof(children) <> 'object'
    or exists (select from json_each(children) as c where json_typeof(c.value) <> 'string')
  then
    perform _raise(
      'PD001',
      'children that take the place of others are not an object of ids',
      hint => 'Give an object like {"old id": "new id"}.'
    );
  end if;
  select c.value into v_unknown
  from json_each_text(children) as c
  where not exists (select from workflows w where w.workflow_id = c.value offset 0)
  limit 1;
  if found then
    perform _raise_workflow_not_found(v_unknown);
  end if;
end
$$;

comment on function _check_children(json) is
  'Raises PD001 unless this is null or an object of ids, PD002 if a workflow that takes the place of another does not
exist.';

-- Starting a child is a step of its parent, written in the same transaction.
create or replace function _record_children(
  parent_keys bigint[],
  parent_steps int[],
  names text[],
  child_ids text[],
  at timestamptz
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_other record;
begin
  if parent_steps is null or exists (select from unnest(parent_steps) as g (step) where g.step is null) then
    perform _raise(
      'PD001',
      'a child has no step of its parent',
      hint => 'Give parent_steps a number for each element of parent_keys.'
    );
  end if;

  insert into steps (key, step, name, child_id, started_at, completed_at)
  select g.parent_key, g.parent_step, g.name, g.child_id, at, at
  from unnest(parent_keys, parent_steps, names, child_ids) as g (parent_key, parent_step, name, child_id)
  on conflict (key, step) do nothing;

  -- Already there: a call that is repeated after a lost connection, or code that has changed.
  select g.parent_step, g.name as wanted, s.name as recorded
  into v_other
  from unnest(parent_keys, parent_steps, names, child_ids) as g (parent_key, parent_step, name, child_id)
  cross join lateral (
    select r.name, r.child_id from steps r where r.key = g.parent_key and r.step = g.parent_step
    offset 0
  ) as s
  where s.child_id is distinct from g.child_id
  limit 1;

  if found then
    perform _raise_unexpected_step(v_other.parent_step, v_other.recorded, v_other.wanted);
  end if;
end
$$;

comment on function _record_children(bigint[], int[], text[], text[], timestamptz) is
  'Records the start of children as steps of their parents. Raises PD001 without a step, PD005
if such a step is recorded as something else.';

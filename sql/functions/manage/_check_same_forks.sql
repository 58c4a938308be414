-- The same fork again is that fork.
create or replace function _check_same_forks(
  new_ids text[],
  original_ids text[]
)
returns void
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_conflict record;
begin
  select g.new_id, g.original into v_conflict
  from unnest(new_ids, original_ids) as g (new_id, original)
  cross join lateral (
    select e.forked_from from workflows e where e.workflow_id = g.new_id offset 0
  ) as w
  where w.forked_from is distinct from g.original
  limit 1;
  if found then
    perform _raise(
      'PD003',
      format('workflow id %L belongs to a workflow that is no fork of %L', v_conflict.new_id, v_conflict.original),
      detail => 'Nothing was forked.',
      hint => 'Give the fork another id, or none.'
    );
  end if;
end
$$;

comment on function _check_same_forks(text[], text[]) is
  'Raises PD003 if one of these ids belongs to a workflow that is no fork of that original.';

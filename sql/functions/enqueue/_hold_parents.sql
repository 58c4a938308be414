-- Locks: tasks of the parents, by key.
create or replace function _hold_parents(
  parent_keys bigint[],
  parent_tokens bigint[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_wanted int;
  v_held int;
begin
  select count(distinct (g.key, g.token)) into v_wanted
  from unnest(parent_keys, parent_tokens) as g (key, token);

  with held as (
    select t.key
    from (select distinct key, token from unnest(parent_keys, parent_tokens) as p (key, token)) as g
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key
    for no key update of t
  )
  select count(*) into v_held from held;

  if v_held < v_wanted then
    perform _raise(
      'PD004',
      'lease lost: another executor owns the parent workflow now, or it has ended',
      detail => 'No child was started.',
      hint => 'Stop running this workflow: its owner goes on from the last recorded step.'
    );
  end if;
end
$$;

comment on function _hold_parents(bigint[], bigint[]) is
  'Locks the active parents that these tokens own. Raises PD004 unless all of them are owned.';

-- Calls: _forget_writings. For the caller that holds the outcomes and then the rows of workflows.
create or replace function _delete_held(
  workflow_keys bigint[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  -- Before the rows of workflows go: it names them to those whom it wakes.
  perform _forget_writings(workflow_keys);
  delete from outcomes o where o.key = any (workflow_keys);
  delete from steps s where s.key = any (workflow_keys);
  delete from events e where e.key = any (workflow_keys);
  delete from stream_entries e where e.key = any (workflow_keys);
  delete from places p where p.key = any (workflow_keys);
  delete from traces t where t.key = any (workflow_keys);
  delete from workflows w where w.key = any (workflow_keys);
  -- In parts that _forget_removed can deal with in a moment.
  insert into removals (transaction, removed_at, keys)
  select pg_current_xact_id(), _now(), array_agg(g.key)
  from unnest(workflow_keys) with ordinality as g (key, place)
  group by (g.place - 1) / 1000;
end
$$;

comment on function _delete_held(bigint[]) is
  'Removes workflows that have ended, with all that belongs to them. The caller holds them.';

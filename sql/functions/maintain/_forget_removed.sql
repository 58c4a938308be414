-- Calls: _forget_writings.
--
-- A transaction that has written has an id and is waited for; one that has only looked has not, and gets ten minutes.
create or replace function _forget_removed()
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_removal record;
begin
  for v_removal in
    select r.removal_id, r.keys
    from (
      select o.removal_id, o.keys, o.removed_at, o.transaction
      from removals o
      order by o.removal_id
      limit 5
      for update skip locked
    ) as r
    where r.removed_at < _now() - interval '10 minutes'
      and r.transaction < pg_snapshot_xmin(pg_current_snapshot())
  loop
    perform _forget_writings(v_removal.keys);
    delete from removals r where r.removal_id = v_removal.removal_id;
  end loop;
end
$$;

comment on function _forget_removed() is
  'Removes what was written for workflows while they were being deleted, some at a call.';

-- Jumps from each to the next through the indexes.
create or replace function _waiting_versions(
  queue_id int
)
returns text[]
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_found text[] := array[''];
  v_next text := '';
begin
  if not exists (select from versions) and not exists (select from version_pins) then
    return v_found;
  end if;
  loop
    v_next := least(
      (
        select t.app_version
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed
          and t.queue_id = _waiting_versions.queue_id and t.app_version > v_next
        order by t.queue_id, t.app_version
        limit 1
      ),
      (
        select t.app_version
        from tasks t
        where t.status = 'ENQUEUED' and t.placed
          and t.queue_id = _waiting_versions.queue_id and t.app_version > v_next
        order by t.queue_id, t.app_version
        limit 1
      )
    );
    exit when v_next is null;
    v_found := v_found || v_next;
  end loop;
  return v_found;
end
$$;

comment on function _waiting_versions(int) is
  'The versions whose work waits to be claimed in a queue, and '''', no version, in any case.';

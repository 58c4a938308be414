-- Writes: floors. A claim that is raising a floor at this moment, and cannot see what returns, wants
-- to write the same version: one of the two waits, and the claim then gives way.
create or replace function _drop_floors(
  queue_ids int[]
)
returns void
language plpgsql
set search_path from current
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_queue_id int;
begin
  for v_queue_id in
    select distinct g.queue_id from unnest(queue_ids) as g (queue_id) order by g.queue_id
  loop
    loop
      insert into floors (queue_id, version)
      select v_queue_id, coalesce(max(f.version), 0) + 1
      from floors f
      where f.queue_id = v_queue_id
      on conflict (queue_id, version) do nothing;
      exit when found;
    end loop;
  end loop;
end
$$;

comment on function _drop_floors(int[]) is
  'Lets claims of these queues look from the front again, because something has returned to its old place.';

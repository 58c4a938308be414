create or replace function _drop_floors(
  queue_ids int[]
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
  insert into floor_drops (queue_id, transaction)
  select distinct g.queue_id, pg_current_xact_id()
  from unnest(queue_ids) as g (queue_id)
  on conflict (queue_id, transaction) do nothing;
end
$$;

comment on function _drop_floors(int[]) is
  'Lets claims of these queues look from the front again, because something has returned to its old place.';

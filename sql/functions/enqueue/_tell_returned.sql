-- Calls: _drop_floors, _notify_queue.
create or replace function _tell_returned(
  queue_id int
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _drop_floors(array[queue_id]);
  perform _notify_queue(queue_id);
end
$$;

comment on function _tell_returned(int) is
  'Something that was enqueued before waits again, at its old place: claims look from the front, and idle
workers are told.';

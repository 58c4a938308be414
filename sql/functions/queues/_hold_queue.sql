-- Locks: the queue alone, as a claim of a limited queue does: claims that are under way end first, and
-- the next ones see what is changed. It is read under that lock, so of two changes that meet neither
-- undoes the other.
create or replace function _hold_queue(
  queue text
)
returns queues
language plpgsql
set search_path from current
set lock_timeout to '10s'
as $$
#variable_conflict use_column
declare
  v_queue queues;
begin
  loop
    select q.* into v_queue
    from queues q
    where q.name = _hold_queue.queue;
    if not found then
      return null;
    end if;

    perform pg_advisory_xact_lock('queues'::regclass::oid::bigint::bit(32)::int, v_queue.queue_id);
    select q.* into v_queue
    from queues q
    where q.queue_id = v_queue.queue_id
    for no key update;
    exit when found;
  end loop;
  return v_queue;
end
$$;

comment on function _hold_queue(text) is
  'The row of a queue, held alone until the end of the transaction; null if there is none of that name.';

-- Calls: _check_isolation, _hold_queue, _raise_queue_not_found.
-- Locks: the queue alone, against claims and against enqueueing: waits for those under way.
create or replace function delete_queue(
  queue text
)
returns void
language plpgsql
security definer
set search_path from current
set lock_timeout to '10s'
as $$
#variable_conflict use_column
declare
  v_queue queues;
begin
  perform _check_isolation('delete_queue');
  if delete_queue.queue in ('_internal', 'default') or starts_with(delete_queue.queue, '_internal/') then
    perform _raise(
      'PD001',
      format('queue %L cannot be deleted', delete_queue.queue),
      hint => 'The engine needs it. Pause it instead.'
    );
  end if;
  v_queue := _hold_queue(delete_queue.queue);
  if v_queue.queue_id is null then
    perform _raise_queue_not_found(delete_queue.queue);
  end if;
  perform pg_advisory_xact_lock('tasks'::regclass::oid::bigint::bit(32)::int, hashtext(v_queue.name));
  if exists (select from tasks t where t.queue_id = v_queue.queue_id) then
    perform _raise(
      'PD013',
      format('queue %L has active workflows', v_queue.name),
      hint => 'Pause it, and let what it holds end or move it, before you delete it.'
    );
  end if;
  delete from starts s where s.queue_id = v_queue.queue_id;
  delete from turns t where t.queue_id = v_queue.queue_id;
  delete from floors f where f.queue_id = v_queue.queue_id;
  delete from floor_drops d where d.queue_id = v_queue.queue_id;
  delete from lanes l where l.queue_id = v_queue.queue_id;
  delete from queues q where q.queue_id = v_queue.queue_id;
end
$$;

comment on function delete_queue(text) is
  'Removes a queue that has no active workflows. Finished ones stay, without the name of a queue.
Raises PD001 (default, or a transaction that is not read committed), PD007 (no such queue), PD013 (it has
active workflows).';

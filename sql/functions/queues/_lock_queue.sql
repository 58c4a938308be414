-- Advisory locks, because they leave nothing behind: a row lock shared by several claims would
-- write a multixact each time. Shared by claims of a queue without limits, so that setting the
-- first limit (update_queue) waits for those under way; alone for claims of a limited one.
--
-- Nobody waits long: a claim whose turn does not come in 50 ms takes nothing from this queue
-- now, so a session that keeps a claim uncommitted holds up one queue and not the others. And
-- nobody waits who has found work elsewhere: those who hold one queue and wait for another would
-- wait in circles. Measured, 16 sessions that claim from 10 limited queues: 29 claims/s when each
-- waits for each queue, 628 so.
create or replace function _lock_queue(
  queue_id int,
  alone boolean,
  patient boolean
)
returns boolean
language plpgsql
set search_path from current
set lock_timeout to '50ms'
as $$
declare
  v_space int := 'queues'::regclass::oid::bigint::bit(32)::int;
begin
  if alone then
    if pg_try_advisory_xact_lock(v_space, queue_id) then
      return true;
    end if;
  elsif pg_try_advisory_xact_lock_shared(v_space, queue_id) then
    return true;
  end if;

  if not patient then
    return false;
  end if;
  begin
    if alone then
      perform pg_advisory_xact_lock(v_space, queue_id);
    else
      perform pg_advisory_xact_lock_shared(v_space, queue_id);
    end if;
    return true;
  exception
    -- A deadlock: two that share a queue to which a limit comes at this moment both want it alone.
    when lock_not_available or deadlock_detected then
      return false;
  end;
end
$$;

comment on function _lock_queue(int, boolean, boolean) is
  'Locks a queue for a claim until the end of the transaction, at once or, if it is patient, after a short
wait. Returns false if its turn did not come.';

-- Advisory locks, because they leave nothing behind: a row lock shared by several claims would
-- write a multixact each time. Shared by claims of a queue without limits, so that setting the
-- first limit (update_queue) waits for those under way; alone for claims of a limited one.
--
-- Nobody waits long: a claim whose turn does not come in 50 ms takes nothing from this queue
-- now, so a session that keeps a claim uncommitted holds up one queue and not the others.
create or replace function _lock_queue(
  queue_id int,
  alone boolean
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

  begin
    if alone then
      perform pg_advisory_xact_lock(v_space, queue_id);
    else
      perform pg_advisory_xact_lock_shared(v_space, queue_id);
    end if;
    return true;
  exception
    when lock_not_available then
      return false;
  end;
end
$$;

comment on function _lock_queue(int, boolean) is
  'Locks a queue for a claim until the end of the transaction. Returns false if its turn did not come.';

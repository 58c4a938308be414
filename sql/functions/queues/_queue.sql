-- Calls: _raise_queue_not_found.
-- Locks: the queue against deletion, shared, until the end of the transaction (advisory, in a space
-- of its own: enqueueing never waits for claims). By the name of it, so that it is read once, under the lock.
create or replace function _queue(
  queue text,
  create_queue boolean default false,
  application text default null
)
returns queues
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_queue queues;
  v_name text := coalesce(_queue.queue, _queue.application);
begin
  perform pg_advisory_xact_lock_shared('tasks'::regclass::oid::bigint::bit(32)::int, hashtext(v_name));
  loop
    select q.* into v_queue
    from queues q
    where q.name = v_name;

    if found then
      if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        -- Its snapshot may show a queue that is deleted, or that had no partitions or other ranks (_set_queue).
        -- Locking the row finds out: that raises 40001.
        perform from queues q where q.queue_id = v_queue.queue_id for key share;
      end if;
      exit;
    elsif starts_with(v_name, '_internal/') then
      v_queue.internal := true;
      exit;
    elsif create_queue or _queue.queue is null and v_name is not null then
      perform _check_text('queue', v_name);
      if _queue.application is not null then
        perform _check_application(_queue.application);
      end if;
      insert into queues (name, application) values (v_name, _queue.application)
      on conflict (name) do nothing;
    else
      perform _raise_queue_not_found(v_name);
    end if;
  end loop;
  if v_queue.internal then
    perform _raise(
      'PD001',
      'nothing is enqueued in the internal queue',
      hint => 'Every worker serves it, and it cannot be paused. Use a queue of your own.'
    );
  end if;
  return v_queue;
end
$$;

comment on function _queue(text, boolean, text) is
  'The row of a queue, made for an application or for none if that is asked for, and held against deletion. Null: the queue
of the application itself, which has its name and is made when it is needed.
Raises PD001 for an internal queue, PD007 if there is none of that name.';

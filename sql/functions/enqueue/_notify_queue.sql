-- NOTIFY takes a lock that is shared by the whole cluster at commit, so it is sent only
-- when a worker was idle on this queue a moment ago. Claims keep that mark (_mark_listening).
-- A transaction that has notified cannot be prepared: one that will be says so in perdure.notify.
create or replace function _notify_queue(
  queue_id int
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
  perform pg_notify(current_schema() || '.work', case when q.internal then '' else q.name end)
  from queues q
  where q.queue_id = _notify_queue.queue_id
    and not q.paused
    and q.listening_until > clock_timestamp()
    and current_setting('perdure.notify', true) is distinct from 'off';
end
$$;

comment on function _notify_queue(int) is
  'Tells idle workers, if there are any, on channel <schema>.work that this queue has work. Nothing instead of its name:
it is an internal one, which every worker serves.';

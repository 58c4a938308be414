-- Calls: _keys_of, _family, _hold_resumable, _resume, _resumed.
create or replace function resume_many(
  workflow_ids text[],
  queue text default null,
  children boolean default false
)
returns table (
  item int,
  workflow_id text,
  outcome text,
  status text
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_keys bigint[] := _keys_of(workflow_ids);
  v_held record;
begin
  select h.waiting, h.ended into v_held
  from _hold_resumable(
    case when children then _family(v_keys) else v_keys end, resume_many.queue
  ) as h;
  perform _resume(v_held.waiting, v_held.ended, resume_many.queue);
  return query
  select r.item, r.workflow_id, r.outcome, r.status from _resumed(v_keys, v_held.waiting || v_held.ended) as r;
end
$$;

comment on function resume_many(text[], text, boolean) is
  'Enqueues workflows again that were cancelled or dead-lettered: they go on after the last step that is recorded.
Those that are DELAYED start now. Attempts, retries and timeout count anew; deadline, expiry and deduplication id are
gone. In one transaction.
workflow_ids: those to resume.
queue: null for the queue that each was in, or where they wait now, in the partition of the same key; with a queue,
those that are ENQUEUED already move there, too. In ''_internal'' they start at once, past all limits.
children: true to resume their children, too, and the children of those.
Returns a row for each, in order, and with children one more, without item, for each child that was resumed:
  ''resumed'': it is ENQUEUED now;
  ''active'': nothing was done, it runs, or waits: status says which;
  ''ended before'': nothing was done, it is SUCCESS or ERROR (fork it instead).
Raises PD001 (a partition key is missing, or a transaction that is not read committed), PD002 (one does not exist; nothing was resumed), PD007 (no such queue, or
the queue of one does not exist any more).';

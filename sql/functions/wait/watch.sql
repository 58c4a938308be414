-- Calls: _check_text, _check_isolation, _mark_watched, _await.
-- Locks: the task, unless somebody else has it, before what keeps the writers away: they take both in this
-- order.
create or replace function watch(
  workflow_id text,
  kind text,
  name text
)
returns boolean
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  if watch.kind in ('event', 'stream') is not true then
    perform _raise('PD001', format('cannot watch %L', watch.kind), hint => 'Give ''event'' or ''stream''.');
  end if;
  perform _check_text(watch.kind, watch.name);
  perform _check_isolation('watch');
  v_key := _key_of(watch.workflow_id);

  if watch.kind = 'stream' then
    -- The end of its workflow is the end of a stream, and is told to those who watch for that.
    -- Whoever has it locked now writes, or ends it, and is not waited for.
    perform from tasks t where t.key = v_key and not t.watched for no key update skip locked;
    if found then
      perform _mark_watched(array[v_key]);
    elsif exists (select from tasks t where t.key = v_key and not t.watched) then
      return false;
    end if;
  end if;
  return _await(v_key, watch.kind, watch.name, 0);
end
$$;

comment on function watch(text, text, text) is
  'Asks to be told, once, on channel <schema>.changed, with payload ''event <workflow id>'' or ''stream <workflow
id>'', when an event of a workflow is set, or something is written to a stream of it; of a stream also, on
<schema>.finished with the id, when the workflow ends. In a transaction of its own: the watch begins when that has
committed; look again then. Several may watch the same.
kind: ''event'' or ''stream''. name: of the event or stream.
Returns false if a writer is under way: nothing will be told, look again and ask again soon.
Raises PD001 (another kind, bad name, a transaction that is not read committed), PD002 (no such workflow).';

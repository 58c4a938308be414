-- Calls: _wake_waiters.
create or replace function _notify_finished(
  workflow_keys bigint[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  perform pg_notify(current_schema() || '.finished', w.workflow_id)
  from workflows w
  where w.key = any (workflow_keys);

  if current_setting('transaction_isolation') <> 'read committed'
    or exists (select from waits w where w.target_key = any (workflow_keys) and w.kind = 'end')
  then
    perform _wake_waiters(workflow_keys, 'end', array_fill(''::text, array[cardinality(workflow_keys)]));
  end if;
end
$$;

comment on function _notify_finished(bigint[]) is
  'Tells on channel <schema>.finished, one notification each, that these workflows have ended, and wakes workflows
that were put down until then. The caller has ended them.';

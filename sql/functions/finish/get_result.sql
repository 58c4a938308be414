create or replace function get_result(
  workflow_id text
)
returns table (
  status text,
  output json,
  error json
)
language plpgsql
stable
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
  select w.key into v_key
  from workflows w
  where w.workflow_id = get_result.workflow_id;
  if not found then
    perform _raise_workflow_not_found(get_result.workflow_id);
  end if;

  -- Each row is looked up by the key itself: joined to each other, in a plan made on an empty
  -- database, they are found by reading all of them.
  return query
  select coalesce(o.status, t.status)::text, o.output, o.error
  from (select) as one
  left join outcomes o on o.key = v_key
  left join tasks t on t.key = v_key;
end
$$;

comment on function get_result(text) is
  'The status of a workflow and, once it has ended, its output or its error: one row.
Statuses: DELAYED, ENQUEUED, PENDING while it is active; SUCCESS, ERROR, CANCELLED,
MAX_RECOVERY_ATTEMPTS_EXCEEDED when it has ended.
Raises PD002 if it does not exist.';

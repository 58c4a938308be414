-- Locks: the task.
create or replace function set_delay(
  workflow_id text,
  delay interval
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
  if set_delay.delay between interval '0' and interval '100 years' is not true then
    perform _raise(
      'PD001',
      format('a delay of %s is out of range', _span(set_delay.delay)),
      hint => 'Give a delay of 0 to 100 years.'
    );
  end if;
  v_key := _key_of(set_delay.workflow_id);

  update tasks t
  set wake_at = _now() + _exact_span(set_delay.delay)
  where t.key = v_key and t.status = 'DELAYED';
  return found;
end
$$;

comment on function set_delay(text, interval) is
  'Changes when a DELAYED workflow is enqueued: the delay counts from now; 0: at once.
Returns false, and changes nothing, if it is not DELAYED (any more).
Raises PD001 (delay out of range), PD002 (no such workflow).';

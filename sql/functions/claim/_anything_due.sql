-- One look in place of the four of _fire_due, _expire_due, _time_out_due and _wake_due, which lock and write
-- as well: what is due for one of them has its condition here.
create or replace function _anything_due()
returns boolean
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  return exists (select from schedules s where s.next_at is not null and s.next_at <= v_now)
    or exists (
      select from tasks t
      where t.expires_at is not null and t.status in ('ENQUEUED', 'DELAYED') and t.expires_at <= v_now
    )
    or exists (select from tasks t where t.deadline is not null and t.deadline <= v_now)
    or exists (select from tasks t where t.wake_at is not null and t.wake_at <= v_now)
    or exists (select from wakes);
end
$$;

comment on function _anything_due() is
  'Whether a schedule, an expiry, a deadline or a wake-up is due. Five index probes.';

-- Calls: _backoff.
-- Locks: the task.
create or replace function fail_step(
  workflow_key bigint,
  token bigint,
  step int,
  name text,
  error json,
  attempt int,
  max_attempts int,
  "interval" interval default '1 second',
  backoff double precision default 2.0,
  max_interval interval default '1 hour'
)
returns table (
  retry_in interval,
  final_error json
)
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_step steps;
  v_errors json;
  v_message text;
begin
  if (
    attempt >= 1 and max_attempts >= 1 and backoff >= 1
    and "interval" >= interval '0' and max_interval >= interval '0'
  ) is not true then
    perform _raise(
      'PD001',
      'a retry policy is out of range',
      detail => format('attempt %s, max_attempts %s, interval %s, backoff %s, max_interval %s',
        attempt, max_attempts, "interval", backoff, max_interval),
      hint => 'Attempts count from 1, intervals are not negative, backoff is at least 1.'
    );
  end if;

  perform from tasks t
  where t.key = workflow_key and t.token = fail_step.token
  for no key update;
  if not found then
    perform _raise_lease_lost(workflow_key);
  end if;

  select s.* into v_step
  from steps s
  where s.key = workflow_key and s.step = fail_step.step;

  if found and v_step.name <> fail_step.name then
    perform _raise_unexpected_step(fail_step.step, v_step.name, fail_step.name);
  end if;
  if v_step.completed_at is not null then
    return query select null::interval, v_step.error;
    return;
  end if;
  if v_step.attempts >= attempt then
    -- The same call again: this attempt is counted already.
    return query select greatest(v_step.retry_at - v_now, interval '0'), null::json;
    return;
  end if;

  -- The last hundred errors are kept: a step may be tried for years.
  select json_agg(e.error order by e.place) into v_errors
  from (
    select r.error, r.place
    from json_array_elements(coalesce(v_step.error, '[]')) with ordinality as r (error, place)
    where r.place > json_array_length(coalesce(v_step.error, '[]')) - 99
    union all
    select fail_step.error, 1000
  ) as e;

  if attempt >= max_attempts then
    -- What `->>` cannot turn into text, as \u0000 and half a surrogate pair, is shown as JSON.
    v_message := case
      when fail_step.error::text !~* E'\\\\u(0000|d[89a-f])' then fail_step.error ->> 'message'
    end;
    final_error := json_build_object(
      'name', 'StepRetriesExceeded',
      'message', format('step %s (%s) failed %s times; the last error: %s',
        fail_step.step, fail_step.name, attempt, coalesce(v_message, fail_step.error::text)),
      'code', null,
      'data', json_build_object('step', fail_step.step, 'name', fail_step.name, 'attempts', attempt, 'errors', v_errors)
    );
  else
    retry_in := _backoff("interval", backoff, max_interval, attempt);
  end if;

  insert into steps (key, step, name, error, attempts, started_at, completed_at, retry_at)
  values (
    workflow_key, fail_step.step, fail_step.name, coalesce(final_error, v_errors), attempt, v_now,
    case when retry_in is null then v_now end, v_now + retry_in
  )
  on conflict (key, step) do update
  set error = excluded.error,
      attempts = excluded.attempts,
      completed_at = excluded.completed_at,
      retry_at = excluded.retry_at;

  return next;
end
$$;

comment on function fail_step(
  bigint, bigint, int, text, json, int, int, interval, double precision, interval
) is
  'Records that an attempt of a step failed, and decides whether and when it is tried again. Count and
moment are kept here: a crash does not begin them anew.
workflow_key, token: from claim or start. step, name: as in record_steps.
error: what it raised: {name, message, code, data}.
attempt: which attempt failed, from 1. The same attempt told twice counts once.
max_attempts: how many there are in all.
interval, backoff, max_interval: retry n waits interval * backoff ^ (n - 1), at most max_interval.
Returns retry_in, the time until the next attempt; or null when the attempts are spent: then
final_error is recorded as the result of the step and holds the errors of the last hundred attempts.
Raises PD001 (policy out of range), PD004 (lease lost), PD005 (another step is recorded there).';

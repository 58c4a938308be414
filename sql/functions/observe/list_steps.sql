create or replace function list_steps(
  workflow_id text,
  with_output boolean default true,
  after_step int default null,
  max_steps int default null
)
returns table (
  step int,
  name text,
  output json,
  error json,
  child_id text,
  attempts int,
  started_at timestamptz,
  completed_at timestamptz,
  retry_at timestamptz,
  waits_for text
)
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_key bigint;
begin
  if max_steps < 1 then
    perform _raise('PD001', format('a list has 1 step or more, not %s', max_steps), hint => 'Give null for all of them.');
  end if;
  v_key := _key_of(list_steps.workflow_id);

  return query
  select
    s.step, s.name, case when with_output then s.output end, s.error, s.child_id, s.attempts,
    s.started_at, s.completed_at, s.retry_at,
    case
      when s.name = 'perdure.sleep' and s.retry_at > v_now then 'moment'
      when s.completed_at is null and s.name = 'perdure.recv' then (
        select string_agg('message' || case w.name when '' then '' else ' on topic ' || w.name end, ', ' order by w.name)
        from waits w
        where w.waiter_key = v_key and w.kind = 'message'
      )
      when s.completed_at is null and s.name = 'perdure.get_event' then (
        select string_agg(format('event %s of workflow %s', w.name, t.workflow_id), ', ' order by w.name, t.workflow_id)
        from waits w
        cross join lateral (select f.workflow_id from workflows f where f.key = w.target_key offset 0) as t
        where w.waiter_key = v_key and w.kind = 'event'
      )
      when s.completed_at is null and s.retry_at is not null then 'next attempt'
    end
  from steps s
  where s.key = v_key and s.step > coalesce(after_step, -1)
  order by s.step
  limit max_steps;
end
$$;

comment on function list_steps(text, boolean, int, int) is
  'The recorded steps of a workflow, in order. child_id is set where the step started a child. While a
failed step waits for its next attempt, completed_at is null, retry_at is that moment, and error is the
list of its errors so far.
with_output: whether output is brought; it is null otherwise.
after_step, max_steps: null for all steps, or those after this number, and at most so many.
waits_for: what a step that is under way waits for: moment (a sleep, until retry_at), next attempt, message, message on
topic T, event E of workflow W; of several steps that wait at once each names all. A wait for the end of another workflow
is recorded when it is over.
Raises PD001 (max_steps below 1), PD002 if the workflow does not exist.';

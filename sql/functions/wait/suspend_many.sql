-- Calls: _put_down.
create or replace function suspend_many(
  workflow_keys bigint[],
  tokens bigint[],
  delays interval[] default null
)
returns table (
  item int,
  outcome text
)
language sql
volatile
security definer
set search_path from current
as $$
  select p.item, p.outcome
  from _put_down(suspend_many.workflow_keys, suspend_many.tokens, suspend_many.delays, 'PENDING') as p
$$;

comment on function suspend_many(bigint[], bigint[], interval[]) is
  'Puts running workflows down until their delay has passed: they leave the worker, stay PENDING, and
are then claimed again, by any executor, which replays their recorded steps. Not counted as attempts.
workflow_keys, tokens: from claim or start.
delays: null, or how long each waits; null or zero: it is enqueued again at once.
Returns a row for each that was not put down: ''lease lost''.
Raises PD001 if the arrays differ in length.';

-- Calls: _put_down.
create or replace function release_many(
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
  from _put_down(release_many.workflow_keys, release_many.tokens, release_many.delays, 'DELAYED') as p
$$;

comment on function release_many(bigint[], bigint[], interval[]) is
  'Gives claimed workflows back to their queues: at shutdown, or when the worker does not know their
function. Not counted as attempts.
workflow_keys, tokens: from claim or start.
delays: null, or how long each stays DELAYED before it can be claimed again.
Returns a row for each that was not given back: ''lease lost''.
Raises PD001 if the arrays differ in length.';

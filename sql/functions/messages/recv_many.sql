-- Calls: _check_text, _wait_in_steps.
create or replace function recv_many(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  topics text[],
  timeouts interval[] default null,
  put_down boolean[] default null
)
returns table (
  item int,
  outcome text,
  name text,
  message json,
  error json,
  wait_for interval
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  perform _check_text('topic', g.topic) from unnest(topics) as g (topic) where octet_length(g.topic) > 512;
  return query
  select w.*
  from _wait_in_steps(
    'message', 'perdure.recv', workflow_keys, tokens, recv_many.steps, workflow_keys,
    array(select coalesce(g.topic, '') from unnest(topics) with ordinality as g (topic, place) order by g.place),
    timeouts, recv_many.put_down
  ) as w;
end
$$;

comment on function recv_many(bigint[], bigint[], int[], text[], interval[], boolean[]) is
  'Receives a message in each of these steps of workflows that the caller owns: the first of its topic.
workflow_keys, tokens: from claim or start.
steps: the number of each step within its workflow.
topics: at most 512 bytes; null is the topic of messages that were sent without one.
timeouts: null to wait for ever, or when to give up, from the first time this step waits; 0 to 100 years.
put_down: true to leave the worker if there is nothing yet, and be claimed again when there is. A workflow that
is named more than once stays.
Returns a row for each, in order; name, message and error are what is recorded of the step:
  ''received'' with the message; the step is recorded;
  ''timed out'': the step is recorded without a message;
  ''waiting'': nothing yet; call again after a notification on <schema>.wake with the workflow''s key, after
    some seconds, or after wait_for, when it times out;
  ''put down'': the workflow left the worker; the token is void;
  ''look again'': a sender is under way; call again after wait_for;
  ''recorded before'', ''unexpected step'', ''lease lost'': as in record_steps.
Raises PD001 (arrays of different lengths, bad topic, timeout out of range, or a transaction that is not read
committed).';

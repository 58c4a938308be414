-- Calls: _put_down.
create or replace function release_many(
  workflow_keys bigint[],
  tokens bigint[],
  delays interval[] default null,
  to_others boolean default false
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
  from _put_down(
    release_many.workflow_keys, release_many.tokens,
    case
      -- Not all at the same moment, as they would be claimed together again.
      -- (Of another length they are refused.)
      when to_others and coalesce(cardinality(release_many.delays), cardinality(release_many.workflow_keys))
        = cardinality(release_many.workflow_keys)
      then array(
        select coalesce(g.delay, interval '5 seconds' * (0.75 + 0.5 * random()))
        from unnest(release_many.workflow_keys, release_many.delays) with ordinality as g (key, delay, item)
        order by g.item
      )
      else release_many.delays
    end,
    'DELAYED'
  ) as p
$$;

comment on function release_many(bigint[], bigint[], interval[], boolean) is
  'Gives claimed workflows back to their queues: at shutdown, or when the worker does not know their
function. Not counted as attempts.
workflow_keys, tokens: from claim or start.
delays: null, or how long each stays DELAYED before it can be claimed again.
to_others: true if this worker does not know their function, or cannot read what is recorded: they stay DELAYED for about
five seconds unless a delay is given, so that they are not claimed here over and over.
Returns a row for each that was not given back: ''lease lost''.
Raises PD001 if the arrays differ in length.';

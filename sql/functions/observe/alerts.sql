-- Calls: _alerts_of_ended, _alerts_of_waiting, _alerts_of_upkeep.
--
-- Every part reads a bounded number of rows, however long the history and the queues are.
create or replace function alerts(
  within interval default '1 hour',
  max_waiting interval default '5 minutes',
  max_failures double precision default 0.5,
  min_ended int default 10,
  max_lateness interval default '1 minute'
)
returns table (
  kind text,
  subject text,
  since timestamptz,
  detail text,
  severity text
)
language plpgsql
stable
security definer
set search_path from current
as $$
begin
  if (within > interval '0' and max_waiting >= interval '0' and max_lateness >= interval '0'
    and greatest(within, max_waiting, max_lateness) <= interval '100 years'
    and max_failures between 0 and 1 and min_ended > 0) is not true
  then
    perform _raise(
      'PD001', 'a bound of alerts is out of range',
      hint => 'Spans are 0 to 100 years, max_failures is 0 to 1, min_ended 1 or more.'
    );
  end if;

  return query select * from _alerts_of_ended(_now() - within, max_failures, min_ended);
  return query select * from _alerts_of_waiting(max_waiting);
  return query select * from _alerts_of_upkeep(max_lateness);
end
$$;

comment on function alerts(interval, interval, double precision, int, interval) is
  'What needs somebody: a row for each thing that is wrong now, or went wrong of late; none if all is well.
within: how far to look back at what has ended. It looks at the last 5000 at the most.
max_waiting: how long a workflow may wait for its first start. max_failures: which share of a workflow name''s runs
may fail, 0 to 1, once min_ended have ended; what was cancelled counts for neither. max_lateness: by how much a tick may
be late.
Returns kind, subject, since when, a sentence for people, and the severity, critical or warning. Kinds, with
their subjects: dead letter (a workflow name: its worker died too often), failing workflow (a workflow name), unserved
queue (work waits for longer than max_waiting, and no living executor serves the queue), slow queue (somebody serves it),
unknown workflow (work of this name waits so long, and no living executor knows it), unserved version (a version and a queue: work waits
for it, and no living executor runs it),
lapsed executor (its work is not taken over yet), late schedule. Queues that are paused are not told of.
Raises PD001 (a bound out of range).';

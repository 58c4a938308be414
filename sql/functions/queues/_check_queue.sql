create or replace function _check_queue(
  queue queues
)
returns void
language plpgsql
immutable
set search_path from current
as $$
declare
  v_limit record;
  v_year numeric := extract(epoch from interval '1 year');
begin
  for v_limit in
    select l.name, l.value
    from (values
      ('concurrency', queue.concurrency),
      ('worker_concurrency', queue.worker_concurrency),
      ('rate_limit', queue.rate_limit),
      ('partition_concurrency', queue.partition_concurrency),
      ('partition_rate_limit', queue.partition_rate_limit)
    ) as l (name, value)
    where l.value < 1 or l.value > 1000000
  loop
    perform _raise(
      'PD001',
      format('%s of queue %L cannot be %s', v_limit.name, queue.name, v_limit.value),
      hint => 'Give 1 to 1000000, or null for no limit. To stop a queue, pause it.'
    );
  end loop;

  if (queue.rate_limit is null) <> (queue.rate_period is null)
    or (queue.partition_rate_limit is null) <> (queue.partition_rate_period is null)
  then
    perform _raise(
      'PD001',
      format('a rate of queue %L is not complete', queue.name),
      hint => 'A rate is a limit and a period: give both, or neither.'
    );
  end if;
  -- In seconds: of intervals, 1 year is more than 365 days but less than 8766 hours.
  perform _raise(
    'PD001',
    format('%s of queue %L cannot be %s', p.name, queue.name, _span(p.value)),
    hint => format('Give %s to 1 year.', p.least)
  )
  from (values
    ('rate_period', queue.rate_period, interval '1 millisecond', '1 millisecond'),
    ('partition_rate_period', queue.partition_rate_period, interval '1 millisecond', '1 millisecond'),
    ('priority_ageing', queue.priority_ageing, interval '1 second', '1 second')
  ) as p (name, value, shortest, least)
  where extract(epoch from p.value) not between extract(epoch from p.shortest) and v_year;
  if not queue.partitioned and (queue.partition_concurrency is not null or queue.partition_rate_limit is not null) then
    perform _raise(
      'PD001',
      format('queue %L has limits for partitions, but no partitions', queue.name),
      hint => 'Set partitioned to true, or leave those limits out.'
    );
  end if;
end
$$;

comment on function _check_queue(queues) is
  'Raises PD001 if the settings of a queue are out of range or do not go together.';

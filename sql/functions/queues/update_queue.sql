-- Calls: _check_isolation, _hold_queue, _set_queue, _raise_queue_not_found.
create or replace function update_queue(
  queue text,
  changes json
)
returns void
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_queue queues;
  v_known text[] := array[
    'concurrency', 'worker_concurrency', 'rate_limit', 'rate_period', 'partitioned',
    'partition_concurrency', 'partition_rate_limit', 'partition_rate_period', 'priority_ageing', 'paused'
  ];
  v_unknown text;
  v_bad text;
begin
  perform _check_isolation('changing a queue');
  v_queue := _hold_queue(update_queue.queue);
  if v_queue.queue_id is null then
    perform _raise_queue_not_found(update_queue.queue);
  end if;
  if json_typeof(changes) is distinct from 'object' then
    perform _raise(
      'PD001',
      'the changes of a queue are a JSON object',
      hint => 'For example {"concurrency": 10, "rate_limit": null, "rate_period": null}.'
    );
  end if;

  begin
    select k.name into v_unknown
    from json_object_keys(changes) as k (name)
    where k.name <> all (v_known)
    limit 1;
    -- Postgres would also read "yes" as true and "3" as 3.
    select format('%s cannot be %s', c.name, c.value) into v_bad
    from json_each(changes) as c (name, value)
    where json_typeof(c.value) <> all (
      case
        when c.name in ('partitioned', 'paused') then array['null', 'boolean']
        when c.name ~ '_period$' or c.name = 'priority_ageing' then array['null', 'number', 'string']
        else array['null', 'number']
      end
    )
    limit 1;
    if v_unknown is null and v_bad is null then
      v_queue := json_populate_record(v_queue, changes);
    end if;
  exception
    when data_exception then
      perform _raise(
        'PD001',
        format('a setting of queue %L cannot be read: %s', update_queue.queue, sqlerrm),
        hint => 'Limits are whole numbers, periods intervals such as "1 minute", partitioned and paused true or false.'
      );
  end;
  if v_unknown is not null then
    perform _raise(
      'PD001',
      format('a queue has no setting %L', v_unknown),
      hint => 'Settings are ' || array_to_string(v_known, ', ') || '.'
    );
  end if;
  if v_bad is not null then
    perform _raise(
      'PD001',
      format('a setting of queue %L cannot be read: %s', update_queue.queue, v_bad),
      hint => 'Limits are whole numbers, periods intervals such as "1 minute", partitioned and paused true or false.'
    );
  end if;
  v_queue.partitioned := coalesce(v_queue.partitioned, false);
  v_queue.paused := coalesce(v_queue.paused, false);
  perform _set_queue(v_queue);
end
$$;

comment on function update_queue(text, json) is
  'Changes settings of a queue, from the next claim on.
queue: its name.
changes: a JSON object of the settings to change; null removes a limit. Settings: concurrency,
worker_concurrency, rate_limit, rate_period, partitioned, partition_concurrency, partition_rate_limit,
partition_rate_period, priority_ageing (see register_queue), and paused.
Raises PD001 (unknown setting, bad value, a transaction that is not read committed), PD007 (no such queue),
PD013 (partitions would come or go under active workflows).';

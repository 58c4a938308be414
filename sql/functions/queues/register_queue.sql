-- Calls: _check_application, _check_queue, _check_isolation, _hold_queue, _set_queue.
create or replace function register_queue(
  queue text,
  concurrency int default null,
  worker_concurrency int default null,
  rate_limit int default null,
  rate_period interval default null,
  partitioned boolean default false,
  partition_concurrency int default null,
  partition_rate_limit int default null,
  partition_rate_period interval default null,
  priority_ageing interval default null,
  on_conflict text default 'keep',
  application text default null
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_queue queues;
  v_held queues;
  v_new boolean;
  v_owner text;
begin
  perform _check_text('queue', register_queue.queue);
  if register_queue.on_conflict in ('keep', 'update') is not true then
    perform _raise(
      'PD001',
      format('on_conflict cannot be %L', register_queue.on_conflict),
      hint => 'Give ''keep'' or ''update''.'
    );
  end if;

  -- Of these the engine has one for each application.
  v_queue.internal := register_queue.queue = '_internal' or starts_with(register_queue.queue, '_internal/');
  if v_queue.internal and register_queue.queue <> '_internal' then
    perform _raise(
      'PD001',
      format('a queue cannot be named %L', register_queue.queue),
      hint => 'Names that begin with "_internal/" are those of the engine. Use another.'
    );
  end if;
  if register_queue.application is not null then
    perform _check_application(register_queue.application);
  end if;

  v_queue.name := register_queue.queue;
  -- The default queue is everybody's.
  v_queue.application := case when register_queue.queue <> 'default' then register_queue.application end;
  v_queue.paused := false;
  v_queue.concurrency := register_queue.concurrency;
  v_queue.worker_concurrency := register_queue.worker_concurrency;
  v_queue.rate_limit := register_queue.rate_limit;
  v_queue.rate_period := register_queue.rate_period;
  v_queue.partitioned := coalesce(register_queue.partitioned, false);
  v_queue.partition_concurrency := register_queue.partition_concurrency;
  v_queue.partition_rate_limit := register_queue.partition_rate_limit;
  v_queue.partition_rate_period := register_queue.partition_rate_period;
  v_queue.priority_ageing := register_queue.priority_ageing;
  perform _check_queue(v_queue);
  -- Only now: no number of seconds makes an infinite interval.
  v_queue.rate_period := _exact_span(v_queue.rate_period);
  v_queue.partition_rate_period := _exact_span(v_queue.partition_rate_period);

  loop
    insert into queues (
      name, concurrency, worker_concurrency, rate_limit, rate_period,
      partitioned, partition_concurrency, partition_rate_limit, partition_rate_period, priority_ageing,
      application
    )
    values (
      v_queue.name, v_queue.concurrency, v_queue.worker_concurrency, v_queue.rate_limit, v_queue.rate_period,
      v_queue.partitioned, v_queue.partition_concurrency, v_queue.partition_rate_limit,
      v_queue.partition_rate_period, v_queue.priority_ageing, v_queue.application
    )
    on conflict (name) do nothing;
    v_new := found;
    exit when v_new;
    select q.application into v_owner from queues q where q.name = v_queue.name;
    if v_owner <> v_queue.application then
      perform _raise(
        'PD013',
        format('queue %L belongs to application %L', v_queue.name, v_owner),
        detail => format('Application %L wanted to have it. Nothing was changed.', v_queue.application),
        hint => 'Give each application queues with names of its own; any application may enqueue into them.'
      );
    end if;
    exit when register_queue.on_conflict = 'keep';

    perform _check_isolation('changing a queue');
    v_held := _hold_queue(v_queue.name);
    if v_held.queue_id is not null then
      v_queue.queue_id := v_held.queue_id;
      v_queue.paused := v_held.paused;
      v_queue.application := coalesce(v_held.application, v_queue.application);
      perform _set_queue(v_queue);
      exit;
    end if;
    -- It was deleted meanwhile: once more.
  end loop;
  return v_new;
end
$$;

comment on function register_queue(
  text, int, int, int, interval, boolean, int, int, interval, interval, text, text
) is
  'Makes a queue. A queue is a row: any number of them may exist, and every worker serves a new
one from its next claim on.
queue: its name, 1 to 512 bytes.
concurrency: null, or how many of its workflows run at once, over all executors; 1 to 1000000.
worker_concurrency: null, or how many of them run at once on one executor.
rate_limit, rate_period: null, or how many start at most in any span of that length, 1 millisecond to 1
year; a day is 24 hours. A longer period counts the starts that are still remembered.
partitioned: whether its workflows have partition keys; partitions are served in turn.
partition_concurrency, partition_rate_limit, partition_rate_period: the same limits for each partition,
besides those of the queue.
priority_ageing: null, or the wait that counts as much as one step of priority.
on_conflict: what to do if it exists: ''keep'' its settings, or ''update'' them to exactly these.
application: null, or the application that it belongs to: only workers of that serve it. A queue of none, which every
worker serves, is given to it by an ''update''; the default queue always is of none.
Returns true if it is new.
Raises PD001 (bad argument, or an update in a transaction that is not read committed), PD013 (partitions would
come or go under active workflows, or it belongs to another application).';

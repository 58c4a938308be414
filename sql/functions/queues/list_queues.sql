create or replace function list_queues()
returns table (
  queue text,
  paused boolean,
  concurrency int,
  worker_concurrency int,
  rate_limit int,
  rate_period interval,
  partitioned boolean,
  partition_concurrency int,
  partition_rate_limit int,
  partition_rate_period interval,
  priority_ageing interval,
  created_at timestamptz,
  application text
)
language sql
stable
security definer
set search_path from current
as $$
  select
    q.name, q.paused, q.concurrency, q.worker_concurrency, q.rate_limit, q.rate_period,
    q.partitioned, q.partition_concurrency, q.partition_rate_limit, q.partition_rate_period,
    q.priority_ageing, q.created_at, q.application
  from queues q
  where not q.internal
  order by q.name
$$;

comment on function list_queues() is
  'The queues by name with their settings (see register_queue), without the internal ones. application
is null for a queue that belongs to none.';

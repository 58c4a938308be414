-- 10 workflows are claimed from a queue with every limit, and from one with partitions, for at most
-- 1,000 rows each: also when 20,000 wait, as many have ended, and 10 of 10,000 partitions have work.
begin;
\ir ../_setup.inc
select plan(12);

-- How many rows of the engine this transaction has read so far, by sequential scans and by indexes.
create function pg_temp.rows_read()
returns bigint
language sql
as $$
  select sum(
    pg_stat_get_xact_tuples_fetched(c.oid)
    + case when c.relkind = 'r' then pg_stat_get_xact_tuples_returned(c.oid) else 0 end
  )
  from pg_class c
  where c.relnamespace = (select t.relnamespace from pg_class t where t.oid = 'tasks'::regclass)
    and c.relkind in ('r', 'i')
$$;

create temp table measured (stage text, what text, claimed bigint, cost bigint);

-- The sixth call of a statement in PL/pgSQL is the first with a plan that stays.
create function pg_temp.measure(stage text, queue text, many int)
returns void
language plpgsql
as $$
declare
  v_worker bigint := pg_temp.worker();
  v_before bigint;
  v_claimed bigint;
begin
  for v_call in 1 .. 7 loop
    v_before := pg_temp.rows_read();
    select count(*) into v_claimed from claim(v_worker, array[queue], many);
    insert into measured
    values (stage, format('%s from %s', many, queue), v_claimed, pg_temp.rows_read() - v_before);
  end loop;
end
$$;

create function pg_temp.make_backlog()
returns void
language plpgsql
as $$
declare
  v_limited int := (select queue_id from queues where name = 'pgtap limited');
  v_tenants int := (select queue_id from queues where name = 'pgtap tenants');
  v_first bigint := nextval('task_keys');
begin
  perform setval('task_keys', v_first + 100000);
  insert into workflows (key, workflow_id, name, queue_id, max_recovery_attempts, created_at)
  select v_first + i, 'pgtap ' || i, 'pgtap', v_limited, 100, clock_timestamp()
  from generate_series(1, 60000) as i;
  insert into lanes (queue_id, partition_key) select v_tenants, i::text from generate_series(1, 10000) as i;

  insert into tasks (key, queue_id, lane_id, rank, status, max_recovery_attempts)
  select v_first + i, v_limited, 0, 0, 'ENQUEUED', 100
  from generate_series(1, 20000) as i;
  insert into tasks (key, queue_id, lane_id, rank, status, max_recovery_attempts)
  select v_first + 20000 + i, v_tenants, l.lane_id, 0, 'ENQUEUED', 100
  from generate_series(1, 20000) as i
  join (select lane_id, row_number() over (order by lane_id) as n from lanes where queue_id = v_tenants) as l
    on l.n = 1000 * (i % 10 + 1);
  insert into outcomes (key, status, output, attempts, token, completed_at)
  select v_first + 40000 + i, 'SUCCESS', '1', 1, 0, clock_timestamp()
  from generate_series(1, 20000) as i;

  insert into starts (queue_id, lane_id, started_at, total, many)
  select q.queue_id, 0, clock_timestamp() - interval '1 day' + i * interval '1 millisecond', i, 1
  from unnest(array[v_limited, v_tenants]) as q (queue_id), generate_series(1, 20000) as i;
  insert into turns (queue_id, lane_id) select v_tenants, 1 from generate_series(1, 20000);
end
$$;

create function pg_temp.measure_all(stage text)
returns void
language sql
as $$
  select pg_temp.measure(stage, queue, many)
  from unnest('{pgtap limited, pgtap tenants}'::text[]) as queue, unnest('{1, 10}'::int[]) as many
$$;

select register_queue('pgtap limited', concurrency => 500, worker_concurrency => 100, rate_limit => 1000,
  rate_period => '1 minute') \g /dev/null
select register_queue('pgtap tenants', concurrency => 500, worker_concurrency => 100, rate_limit => 1000,
  rate_period => '1 minute', partitioned => true, partition_concurrency => 100, partition_rate_limit => 500,
  partition_rate_period => '1 minute') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap limited') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap tenants',
  partition_keys => array(select 'tenant ' || i % 10 from generate_series(1, 100) as i)) \g /dev/null
analyze workflows, tasks, outcomes, lanes, starts, turns;
select pg_temp.measure_all('small') \g /dev/null
select pg_temp.make_backlog() \g /dev/null
select pg_temp.measure_all('large, with the plans of the small one') \g /dev/null
analyze workflows, tasks, outcomes, lanes, starts, turns;
select pg_temp.measure_all('large, with plans of its own') \g /dev/null

select cmp_ok(max(cost) * case when bool_and(claimed > 0) then 1 end, '<=', 1000::bigint, what || ', ' || stage)
from measured
group by what, stage
order by what, stage;

select * from finish();
rollback;

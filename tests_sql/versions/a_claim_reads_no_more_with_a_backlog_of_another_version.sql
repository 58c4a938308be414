-- 10 workflows are claimed for at most 1,000 rows while 20,000 of another version stand before them, and as many
-- without version.
begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(6);

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

create temp table measured (what text, claimed int, cost bigint);
create function pg_temp.measure(what text, executor bigint, queue text)
returns void
language plpgsql
as $$
declare
  v_before bigint;
  v_claimed int;
begin
  for v_call in 1 .. 7 loop
    v_before := pg_temp.rows_read();
    v_claimed := cardinality(pg_temp.claimed(executor, 10, queue));
    insert into measured values (what, v_claimed, pg_temp.rows_read() - v_before);
  end loop;
end
$$;

select register_queue('pgtap limited', concurrency => 500) \g /dev/null
-- The plans are made while little waits.
select enqueue('pgtap', queue => q.queue, app_version => v.version)
from unnest('{pgtap,pgtap limited}'::text[]) as q (queue), (values ('pgtap v1'), ('pgtap v2'), (null)) as v (version),
  generate_series(1, 100) \g /dev/null
select pg_temp.measure('small', :v1, q.queue), pg_temp.measure('small', :v2, q.queue)
from unnest('{pgtap,pgtap limited}'::text[]) as q (queue) \g /dev/null
with made as (
  select q.queue_id, v.version, nextval('task_keys') as key, i
  from queues q, unnest('{pgtap v1,""}'::text[]) as v (version), generate_series(1, 20000) as i
  where q.name in ('pgtap', 'pgtap limited')
),
written as (
  insert into workflows (key, workflow_id, name, queue_id, max_recovery_attempts, created_at)
  select key, 'pgtap ' || key, 'pgtap', queue_id, 100, clock_timestamp() from made
)
insert into tasks (key, queue_id, status, max_recovery_attempts, app_version, rank)
select key, queue_id, 'ENQUEUED', 100, version, -1 from made;
select enqueue_many('pgtap', array_fill('1'::json, '{100}'), queue => q.queue, app_version => 'pgtap v2')
from unnest('{pgtap,pgtap limited}'::text[]) as q (queue) \g /dev/null

select pg_temp.measure('of both, ' || q.queue, :v2, q.queue), pg_temp.measure('without version, ' || q.queue, :none, q.queue)
from unnest('{pgtap,pgtap limited}'::text[]) as q (queue) \g /dev/null
select set_latest_version('pgtap v1') \g /dev/null
select pg_temp.measure('of its own alone, ' || q.queue, :v2, q.queue)
from unnest('{pgtap,pgtap limited}'::text[]) as q (queue) \g /dev/null

select cmp_ok(max(cost) * case when bool_and(claimed = 10) then 1 end, '<=', 1000::bigint, what)
from measured
where what <> 'small'
group by what
order by what;

select * from finish();
rollback;

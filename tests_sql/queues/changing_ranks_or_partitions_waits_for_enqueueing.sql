-- Both are chosen while enqueueing, under a lock that is held to the end of that transaction.
begin;
\ir ../_setup.inc
select plan(5);

create function pg_temp.holds_off_enqueueing(queue text)
returns boolean
language sql
as $$
  select exists (
    select from pg_locks l
    join queues q on q.name = holds_off_enqueueing.queue
    where l.pid = pg_backend_pid() and l.locktype = 'advisory' and l.mode = 'ExclusiveLock' and l.granted
      and l.classid = 'tasks'::regclass and l.objid = hashtext(q.name)::bigint::bit(32)::bigint
  )
$$;

select register_queue('pgtap ' || i) from generate_series(1, 2) as i \g /dev/null
select update_queue('pgtap 1', '{"concurrency": 1, "rate_limit": 1, "rate_period": "1s", "paused": true}') \g /dev/null
select ok(not pg_temp.holds_off_enqueueing('pgtap 1'), 'limits need not wait');
select update_queue('pgtap 1', '{"priority_ageing": "1 minute"}') \g /dev/null
select ok(pg_temp.holds_off_enqueueing('pgtap 1'), 'ageing');
select ok(not pg_temp.holds_off_enqueueing('pgtap 2'));
select update_queue('pgtap 2', '{"partitioned": true}') \g /dev/null
select ok(pg_temp.holds_off_enqueueing('pgtap 2'), 'partitions');
select ok(not pg_temp.holds_off_enqueueing('pgtap'), 'other queues are not held off');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(5);

create function pg_temp.locked()
returns text[]
language sql
as $$
  select array_agg(q.name order by q.name)
  from pg_locks l
  join queues q on q.queue_id = l.objid
  where l.locktype = 'advisory' and l.classid = 'queues'::regclass and l.pid = pg_backend_pid()
    and l.mode = 'ExclusiveLock'
$$;

-- Limited only after they were filled, and by hand: a claim of a limited queue, or a change, would lock it.
select pg_temp.worker() as worker \gset
select register_queue('pgtap ' || q) from unnest('{full, high, one, returning, paused}'::text[]) as q \g /dev/null
select enqueue_many('w', '{1, 2}', 'pgtap ' || q) from unnest('{full, high, one, returning}'::text[]) as q \g /dev/null
select count(*) from claim(:worker, '{pgtap full, pgtap high, pgtap one, pgtap returning}', 8) \g /dev/null
select enqueue_many('w', '{3, 4}', 'pgtap ' || q)
from unnest('{full, high, one, returning, paused}'::text[]) as q \g /dev/null
update tasks t set placed = true from queues q
where q.queue_id = t.queue_id and q.name like 'pgtap _%' and t.status = 'PENDING';
update tasks t set status = 'ENQUEUED', executor_id = null, token = null
where t.key = (
  select min(e.key) from tasks e join queues q using (queue_id) where q.name = 'pgtap returning'
);
update queues set concurrency = 2 where name in ('pgtap full', 'pgtap returning');
update queues set concurrency = 3, paused = name = 'pgtap paused' where name in ('pgtap one', 'pgtap paused');
update queues set concurrency = 101 where name = 'pgtap high';

select is(pg_temp.locked(), null, 'so far');
select is_empty(
  format($$select from claim(%s, '{pgtap full, pgtap paused}', 10)$$, :worker),
  'nothing can start'
);
select is(pg_temp.locked(), null, 'and nobody else is kept from looking');
select results_eq(
  format(
    $$
      select queue, count(*)
      from claim(%s, '{pgtap full, pgtap high, pgtap one, pgtap paused, pgtap returning}', 10)
      group by queue order by queue
    $$,
    :worker
  ),
  $$values ('pgtap high', 2::bigint), ('pgtap one', 1), ('pgtap returning', 1)$$,
  'what has room, or its place already, is handed out'
);
select is(pg_temp.locked(), '{pgtap high, pgtap one, pgtap returning}', 'under the lock of its queue');

select * from finish();
rollback;

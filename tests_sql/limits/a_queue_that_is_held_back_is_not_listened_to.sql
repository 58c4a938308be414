begin;
\ir ../_setup.inc
select plan(5);

create function pg_temp.listened(name text)
returns boolean
language sql
as $$
  select listening_until > clock_timestamp() is true from queues where queues.name = listened.name
$$;

select pg_temp.worker() as worker \gset
select register_queue('pgtap limited', concurrency => 2), register_queue('pgtap free') \g /dev/null
select enqueue_many('pgtap', '{1, 2, 3}', 'pgtap limited') \g /dev/null
select claim(:worker, array['pgtap limited', 'pgtap free'], 10) \g /dev/null
select ok(not pg_temp.listened('pgtap limited'), 'more work there changes nothing');
select ok(pg_temp.listened('pgtap free'), 'an empty one is listened to');

select finish(key, token) from tasks where executor_id = :worker \g /dev/null
select claim(:worker, array['pgtap limited'], 10) \g /dev/null
select ok(pg_temp.listened('pgtap limited'), 'the last one has been claimed, and there is a place');

select claim(:worker, array['pgtap free'], 10) \g /dev/null
select enqueue_many('pgtap', '{1, 2}', 'pgtap free') \g /dev/null
select claim(:worker, array['pgtap free'], 1) \g /dev/null
select ok(not pg_temp.listened('pgtap free'), 'who found enough does not listen');
select ok(pg_temp.listened('pgtap limited'), 'nor takes back the mark of a queue that it did not name');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(9);

select register_executor('s', application => 'pgtap shop') as shop, register_executor('b', application => 'pgtap bank') as bank,
  register_executor('n') as nobody
\gset
select register_queue('pgtap shop q', application => 'pgtap shop'), register_queue('pgtap bank q', application => 'pgtap bank')
\g /dev/null

create function pg_temp.put() returns void language sql as $$
  select enqueue('w', queue => 'pgtap shop q', workflow_id => 's');
  select enqueue('w', queue => 'pgtap bank q', workflow_id => 'b', application => 'pgtap shop');
  select enqueue('w', queue => 'pgtap', workflow_id => 'n');
$$;
create function pg_temp.claimed(executor bigint, queues text[] default null) returns text[] language sql as $$
  select array_agg(c.workflow_id order by c.workflow_id) from claim(executor, claimed.queues, 100) as c
  where c.queue like 'pgtap%' or c.queue is null
$$;

select pg_temp.put() \g /dev/null
select is(pg_temp.origin('b'), 'pgtap bank', 'who owns the queue owns the workflow');
select is(pg_temp.claimed(:nobody), '{n}', 'a worker of none serves the queues of none');
select is(pg_temp.claimed(:bank, '{pgtap shop q}'), null, 'another application does not, when it asks either');
select is(pg_temp.claimed(:bank), '{b}');
select is(pg_temp.claimed(:shop), '{s}');

select enqueue('w', queue => 'pgtap', workflow_id => 'n2', application => 'pgtap shop') \g /dev/null
select is(pg_temp.claimed(:bank), '{n2}', 'a queue of none is everybody''s, whoever enqueues there');

-- A direct start is recovered by its own application.
select workflow_id from start(:shop, 'w', null, 'direct') \g /dev/null
select is(pg_temp.origin('direct'), 'pgtap shop', 'a direct start belongs to the application of its executor');
select deregister_executor(:shop) \g /dev/null
select is(pg_temp.claimed(:bank), null, 'not by another one');
select register_executor('s', application => 'pgtap shop') as shop
\gset
select is((select array_agg(c.workflow_id) from claim(:shop, '{}', 100) as c), '{direct}', 'but by its own');

select * from finish();
rollback;

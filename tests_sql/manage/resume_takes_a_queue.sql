begin;
\ir ../_setup.inc
select plan(15);

select pg_temp.worker() as worker \gset
select register_queue('pgtap other') \g /dev/null
select register_queue('pgtap parts', partitioned => true) \g /dev/null
select register_queue('pgtap full', concurrency => 1) \g /dev/null
create function pg_temp.place(id text) returns text language sql as $$
  select q.name || coalesce(' ' || l.partition_key, '')
  from workflows w join tasks t using (key) join queues q on q.queue_id = t.queue_id left join lanes l on l.lane_id = t.lane_id
  where w.workflow_id = id
$$;

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select cancel('pgtap a') \g /dev/null
select ok(resume('pgtap a', queue => 'pgtap other'));
select isnt_empty(
  $$select from floor_drops join queues using (queue_id) where name = 'pgtap other' and transaction = pg_current_xact_id()$$,
  'claims look from the front: it has an old place'
);
select is(pg_temp.place('pgtap a'), 'pgtap other');
select is(queue, 'pgtap other') from get_workflow('pgtap a');
select ok(resume('pgtap a', queue => 'pgtap'), 'what is ENQUEUED moves');
select is(pg_temp.place('pgtap a'), 'pgtap');

-- DELAYED starts now; with its limits, or past them.
select enqueue('pgtap', queue => 'pgtap full', workflow_id => 'pgtap b', delay => '1 day', deduplication_id => 'd',
  expires_in => '1 hour', deadline => '2100-01-01') \g /dev/null
select ok(resume('pgtap b'));
select row_eq(
  $$select status::text, wake_at, expires_at, t.deadline, deduplicated from tasks t join workflows using (key) where workflow_id = 'pgtap b'$$,
  row('ENQUEUED'::text, null::timestamptz, null::timestamptz, null::timestamptz, false)
);
select is_empty($$select from deduplications join workflows using (key) where workflow_id = 'pgtap b'$$);
select enqueue('pgtap', queue => 'pgtap full', workflow_id => 'pgtap c', priority => -1) \g /dev/null
select is((select workflow_id from claim(:worker, '{pgtap full}', 5)), 'pgtap c');
select ok(resume('pgtap b', queue => '_internal'));
select is((select workflow_id from claim(:worker, '{pgtap full}', 5)), 'pgtap b', 'past the limit');

-- A partition stays.
select enqueue('pgtap', queue => 'pgtap parts', workflow_id => 'pgtap p', partition_key => 'k') \g /dev/null
select cancel('pgtap p') \g /dev/null
select resume('pgtap p') \g /dev/null
select is(pg_temp.place('pgtap p'), 'pgtap parts k');
select throws_ok($$select resume('pgtap a', 'pgtap parts')$$, 'PD001',
  'queue ''pgtap parts'' has partitions: each workflow needs a partition key');

-- Its queue may be gone.
select register_queue('pgtap gone') \g /dev/null
select enqueue('pgtap', queue => 'pgtap gone', workflow_id => 'pgtap g') \g /dev/null
select cancel('pgtap g') \g /dev/null
select delete_queue('pgtap gone') \g /dev/null
select throws_ok($$select resume('pgtap g')$$, 'PD007', 'the queue of workflow ''pgtap g'' does not exist any more');

select * from finish();
rollback;

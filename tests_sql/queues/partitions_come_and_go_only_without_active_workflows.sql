begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(7);

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders') \g /dev/null
select enqueue('pgtap', queue => 'pgtap orders') \g /dev/null
select throws_ok(
  $$select update_queue('pgtap orders', '{"partitioned": true}')$$,
  'PD013', 'queue ''pgtap orders'' cannot change whether it has partitions: it has active workflows'
);
select throws_ok(
  $$select register_queue('pgtap orders', partitioned => true, on_conflict => 'update')$$, 'PD013', null, 'register_queue'
);
select is(
  pg_temp.hint($$select update_queue('pgtap orders', '{"partitioned": true}')$$),
  'Let it run empty first, or use another queue.'
);
select lives_ok($$select update_queue('pgtap orders', '{"partitioned": false, "concurrency": 1}')$$, 'as it is');

select finish(workflow_key, token) from claim(:worker, array['pgtap orders']) \g /dev/null
select lives_ok($$select update_queue('pgtap orders', '{"partitioned": true}')$$, 'finished ones are no matter');
select enqueue('pgtap', queue => 'pgtap orders', partition_key => 'a', delay => '1 day') \g /dev/null
select throws_ok($$select update_queue('pgtap orders', '{"partitioned": false}')$$, 'PD013', null, 'going');
select ok(partitioned) from list_queues() where queue = 'pgtap orders';

select * from finish();
rollback;

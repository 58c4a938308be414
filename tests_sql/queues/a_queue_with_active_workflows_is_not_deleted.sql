begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(7);

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders') \g /dev/null
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap a', delay => '1 hour') \g /dev/null
select throws_ok(
  $$select delete_queue('pgtap orders')$$, 'PD013', 'queue ''pgtap orders'' has active workflows', 'delayed'
);
select set_delay('pgtap a', '0') \g /dev/null
select throws_ok($$select delete_queue('pgtap orders')$$, 'PD013', null, 'enqueued');
select workflow_key as key, token from claim(:worker, array['pgtap orders']) \gset
select throws_ok($$select delete_queue('pgtap orders')$$, 'PD013', null, 'running');
select suspend(:key, :token, '1 second ago') \g /dev/null
select throws_ok($$select delete_queue('pgtap orders')$$, 'PD013', null, 'put down');
select is(
  pg_temp.hint($$select delete_queue('pgtap orders')$$),
  'Pause it, and let what it holds end or move it, before you delete it.'
);

select finish(workflow_key, token) from claim(:worker, array['pgtap orders']) \g /dev/null
select lives_ok($$select delete_queue('pgtap orders')$$, 'ended');
select throws_ok($$select delete_queue('pgtap orders')$$, 'PD007', null, 'once');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', priority_ageing => '1 minute') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap old', priority => 5) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:04:59+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap before', priority => 0) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:05+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap even', priority => 0) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:05:01+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap after', priority => 0) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:06:30+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap urgent', priority => -1) \g /dev/null
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap very urgent', priority => -2) \g /dev/null

select is(
  array(select workflow_id from claim(:worker, array['pgtap orders'], 10)),
  '{pgtap very urgent, pgtap before, pgtap old, pgtap even, pgtap after, pgtap urgent}'
);

select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap first', priority => 3) \g /dev/null
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap second', priority => 3) \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap orders'])), '{pgtap first}', 'at one moment');
select is(priority, 3, 'the priority is what was asked for') from get_workflow('pgtap first');
select is(
  array(select workflow_id from claim(:worker, array['pgtap orders'])), '{pgtap second}', 'first in, first out'
);

select * from finish();
rollback;

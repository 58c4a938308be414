begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', concurrency => 3) \g /dev/null
select enqueue_many('pgtap', '{1, 2}', 'pgtap orders', '{pgtap a, pgtap b}') \g /dev/null
select suspend(workflow_key, token) from claim(:worker, array['pgtap orders'], 2) \g /dev/null
select enqueue_many('pgtap', '{1, 2}', 'pgtap orders', '{pgtap urgent, pgtap more}', '{-9, -9}') \g /dev/null

select is(array(select workflow_id from claim(:worker, array['pgtap orders'], 1)), '{pgtap a}', 'in their order');
select is(
  array(select workflow_id from claim(:worker, array['pgtap orders'], 10)), '{pgtap urgent, pgtap b}',
  'the batch is in the order of priority, and has both'
);
select is(pg_temp.status('pgtap more'), 'ENQUEUED', 'no place is left');

select * from finish();
rollback;

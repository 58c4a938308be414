begin;
set transaction isolation level repeatable read;
\ir ../_setup.inc
select plan(4);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select throws_ok(
  $$select cancel('pgtap a', children => true)$$, 'PD001',
  'cancelling children cannot run in a transaction that is repeatable read'
);
select ok(cancel('pgtap a'), 'it alone can be cancelled');
select throws_ok(
  $$select resume('pgtap a')$$, 'PD001', 'resume cannot run in a transaction that is repeatable read'
);
select is(fork('pgtap a', new_workflow_id => 'pgtap f'), 'pgtap f', 'and forked');

select * from finish();
rollback;

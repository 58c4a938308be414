begin;
\ir ../_setup.inc
select plan(4);

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null

select throws_ok(
  $$select enqueue('ship', queue => 'pgtap', workflow_id => 'pgtap a')$$,
  'PD003', null, 'enqueue'
);
select throws_ok(
  $$select enqueue_many('ship', '{1, 2}', 'pgtap', '{pgtap b, pgtap a}')$$,
  'PD003', 'workflow id ''pgtap a'' belongs to a workflow named ''pay''', 'enqueue_many'
);
select throws_ok($$select get_result('pgtap b')$$, 'PD002', null, 'the other one was not started');
select is(workflow, 'pay', 'the first stands') from get_workflow('pgtap a');

select * from finish();
rollback;

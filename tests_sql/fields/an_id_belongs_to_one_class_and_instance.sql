begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(8);

select enqueue('run', queue => 'pgtap', workflow_id => 'one', class_name => 'A', config_name => 'x') \g /dev/null
select is(
  enqueue('run', queue => 'pgtap', workflow_id => 'one', class_name => 'A', config_name => 'x', authenticated_user => 'ann'),
  'one', 'again'
);
select throws_ok(
  $$select enqueue('run', queue => 'pgtap', workflow_id => 'one', class_name => 'A', config_name => 'y')$$,
  'PD003', 'workflow id ''one'' belongs to a workflow named ''run'' of class ''A'' and instance ''x'''
);
select throws_ok($$select enqueue('run', queue => 'pgtap', workflow_id => 'one', class_name => 'B', config_name => 'x')$$, 'PD003');
select throws_ok($$select enqueue('run', queue => 'pgtap', workflow_id => 'one', class_name => 'A')$$, 'PD003');
select throws_ok($$select enqueue('run', queue => 'pgtap', workflow_id => 'one')$$, 'PD003', null, 'the plain way as well');
select enqueue('run', queue => 'pgtap', workflow_id => 'two') \g /dev/null
select throws_ok(
  $$select enqueue('run', queue => 'pgtap', workflow_id => 'two', config_name => 'x')$$,
  'PD003', 'workflow id ''two'' belongs to a workflow named ''run'' and no instance'
);
select throws_ok(
  $$select enqueue('walk', queue => 'pgtap', workflow_id => 'one', class_name => 'A', config_name => 'x')$$,
  'PD003', 'workflow id ''one'' belongs to a workflow named ''run'''
);

select is(enqueue('run', queue => 'pgtap', workflow_id => 'two', class_name => 'A'), 'two', 'not everybody knows the class');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(6);

select lives_ok(
  $$select enqueue(repeat('ä', 256), queue => 'pgtap', workflow_id => repeat('ä', 256))$$,
  '512 bytes'
);
select throws_ok(
  $$select enqueue(repeat('ä', 256) || 'x', queue => 'pgtap')$$,
  'PD001', 'workflow name is too long: 513 bytes', 'a name of 513 bytes'
);
select throws_ok($$select enqueue('', queue => 'pgtap')$$, 'PD001', null, 'an empty name');
select throws_ok($$select enqueue(null, queue => 'pgtap')$$, 'PD001', null, 'no name');
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap', workflow_id => repeat('ä', 256) || 'x')$$,
  'PD001', 'workflow id is too long: 513 bytes', 'an id of 513 bytes'
);
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap', workflow_id => '')$$,
  'PD001', null, 'an empty id'
);

select * from finish();
rollback;

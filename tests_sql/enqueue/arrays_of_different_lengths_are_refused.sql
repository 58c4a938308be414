begin;
\ir ../_setup.inc
select plan(6);

select throws_ok($$select enqueue_many('pay', null, 'pgtap')$$, 'PD001', null, 'no inputs');
select throws_ok($$select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap a}')$$, 'PD001', null, 'ids');
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', priorities => '{1, 2, 3}')$$,
  'PD001', null, 'priorities'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', parent_keys => '{1}')$$,
  'PD001', null, 'parent_keys'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', parent_keys => '{1, 1}', parent_tokens => '{1}')$$,
  'PD001', null, 'parent_tokens'
);
select throws_ok(
  $$
    select enqueue_many('pay', '{1, 2}', 'pgtap', parent_keys => '{1, 1}', parent_tokens => '{1, 1}',
      parent_steps => '{}')
  $$,
  'PD001', null, 'parent_steps'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(5);

select throws_ok(
  $$select enqueue('pay', queue => 'pgtap none')$$,
  'PD007', 'queue ''pgtap none'' does not exist', 'enqueue'
);
select throws_ok($$select enqueue_many('pay', '{1}', 'pgtap none')$$, 'PD007', null, 'enqueue_many');
select throws_ok($$select enqueue('pay', queue => '')$$, 'PD001', null, 'an empty name');
select throws_ok($$select enqueue('pay', queue => null)$$, 'PD001', null, 'null');
select throws_ok($$select enqueue('pay', queue => repeat('x', 513))$$, 'PD001', null, 'an overlong name');

select * from finish();
rollback;

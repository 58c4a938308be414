begin;
\ir ../_setup.inc
select plan(2);

select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', array['pgtap a', repeat('x', 513)])$$,
  'PD001', null
);
select throws_ok($$select get_result('pgtap a')$$, 'PD002', null, 'the good one was not started');

select * from finish();
rollback;

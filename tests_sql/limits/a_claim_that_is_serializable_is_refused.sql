begin isolation level serializable;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(3);

select pg_temp.worker() as worker \gset
select throws_ok(
  format($$select claim(%s, array['pgtap'])$$, :worker),
  'PD001', 'claim cannot run in a transaction that is serializable'
);
select is(
  pg_temp.hint(format($$select claim(%s, array['pgtap'])$$, :worker)),
  'Claim in a transaction of its own, read committed.'
);
select lives_ok($$select enqueue('pgtap', queue => 'pgtap')$$, 'enqueueing may be a part of any transaction');

select * from finish();
rollback;

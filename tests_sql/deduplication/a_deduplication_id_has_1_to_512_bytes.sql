begin;
\ir ../_setup.inc
select plan(5);

select lives_ok(
  $$select enqueue('pay', queue => 'pgtap', deduplication_id => repeat('ä', 256))$$, '512 bytes'
);
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap', deduplication_id => repeat('ä', 256) || 'x')$$,
  'PD001', 'deduplication id is too long: 513 bytes'
);
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap', deduplication_id => '')$$, 'PD001', 'deduplication id is empty'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', deduplication_ids => '{a}')$$, 'PD001', null, 'one for two'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', deduplication_ids => '{a, ""}')$$, 'PD001', null, 'empty, of two'
);

select * from finish();
rollback;

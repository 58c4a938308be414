begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(5);

select throws_ok(
  statement, 'PD001', 'queue ''pgtap'' has no partitions, but a partition key was given', what
)
from (values
  ($$select enqueue('pay', queue => 'pgtap', partition_key => 'a')$$, 'enqueue'),
  ($$select enqueue_many('pay', '{1, 2}', 'pgtap', partition_keys => '{null, a}')$$, 'enqueue_many'),
  ($$select debounce('pay', 'key', '1 minute', queue => 'pgtap', partition_key => 'a')$$, 'debounce')
) as v (statement, what);
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap', partition_key => 'a')$$),
  'Leave the key out, or register the queue as partitioned.'
);
select lives_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', partition_keys => '{null, null}')$$, 'nulls are as good as left out'
);

select * from finish();
rollback;

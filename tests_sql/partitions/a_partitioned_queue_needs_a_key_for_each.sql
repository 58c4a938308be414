begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(9);

select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select throws_ok(
  statement, 'PD001', 'queue ''pgtap tenants'' has partitions: each workflow needs a partition key', what
)
from (values
  ($$select enqueue('pay', queue => 'pgtap tenants')$$, 'left out'),
  ($$select enqueue('pay', queue => 'pgtap tenants', partition_key => null)$$, 'null'),
  ($$select enqueue_many('pay', '{1, 2}', 'pgtap tenants')$$, 'many: left out'),
  ($$select enqueue_many('pay', '{1, 2}', 'pgtap tenants', partition_keys => '{a, null}')$$, 'many: one of two'),
  ($$select enqueue_many('pay', '{1, 2}', 'pgtap tenants', partition_keys => '{{a}, {null}}')$$, 'in two dimensions'),
  ($$select debounce('pay', 'key', '1 minute', queue => 'pgtap tenants')$$, 'debounce')
) as v (statement, what);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap tenants', partition_keys => '{a}')$$, 'PD001', null, 'many: too few'
);
select lives_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap tenants', partition_keys => '{{a}, {b}}')$$, 'a key for each, in two dimensions'
);
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap tenants')$$),
  'Give partition_key (partition_keys for many), for example the id of the customer.'
);

select * from finish();
rollback;

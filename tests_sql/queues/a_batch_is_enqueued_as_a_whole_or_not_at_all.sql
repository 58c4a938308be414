begin;
\ir ../_setup.inc
select plan(12);

select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select enqueue('ship', queue => 'pgtap', workflow_id => 'pgtap ship', deduplication_id => 'held') \g /dev/null

select throws_ok(
  format($$
    select enqueue_many('pay', '{1, 2}', partition_keys => '{a, b}', workflow_ids => '{pgtap a, pgtap b}',
      queue => 'pgtap tenants', %s)
  $$, options),
  code, null, options
)
from (values
  ('delay => ''-1 second''', 'PD001'), ('expires_in => ''0''', 'PD001'), ('retries => -1', 'PD001'),
  ('on_duplicate => ''?''', 'PD001'), ('priorities => ''{1}''', 'PD001'), ('deduplication_ids => ''{a, ""}''', 'PD001'),
  ('deduplication_ids => ''{"", a}''', 'PD001')
) as v (options, code);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap a, pgtap ship}', deduplication_ids => '{a, b}')$$, 'PD003'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap a, pgtap b}', deduplication_ids => '{a, held}')$$, 'PD012'
);
select is_empty($$select from workflows where workflow_id in ('pgtap a', 'pgtap b')$$, 'no workflow is left');
select is_empty($$select from lanes join queues q using (queue_id) where q.name like 'pgtap%'$$, 'no partition');
select is((select array_agg(deduplication_id) from deduplications), '{held}', 'no deduplication id');

select * from finish();
rollback;

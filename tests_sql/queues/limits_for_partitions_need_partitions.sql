begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(5);

select throws_ok(
  format($$select register_queue('pgtap plain', %s)$$, setting),
  'PD001', 'queue ''pgtap plain'' has limits for partitions, but no partitions', setting
)
from unnest(array[
  'partition_concurrency => 1', 'partition_rate_limit => 1, partition_rate_period => ''1 second'''
]) as setting;
select is(
  pg_temp.hint($$select register_queue('pgtap plain', partition_concurrency => 1)$$),
  'Set partitioned to true, or leave those limits out.'
);

select register_queue('pgtap tenants', partitioned => true, partition_concurrency => 1) \g /dev/null
select throws_ok($$select update_queue('pgtap tenants', '{"partitioned": false}')$$, 'PD001', null, 'taken away');
select lives_ok(
  $$select update_queue('pgtap tenants', '{"partitioned": false, "partition_concurrency": null}')$$, 'both taken away'
);

select * from finish();
rollback;

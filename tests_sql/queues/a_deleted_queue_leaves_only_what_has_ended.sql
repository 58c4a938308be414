begin;
\ir ../_setup.inc
select plan(8);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', rate_limit => 1, rate_period => '1 hour', partitioned => true,
  partition_rate_limit => 1, partition_rate_period => '1 hour') \g /dev/null
select queue_id from queues where name = 'pgtap tenants' \gset
select enqueue('pay', queue => 'pgtap tenants', workflow_id => 'pgtap a', partition_key => 'a') \g /dev/null
select finish(workflow_key, token, '1') from claim(:worker, array['pgtap tenants']) \g /dev/null
select isnt_empty(format('select from %I where queue_id = %s', kept, :queue_id), kept || ' before')
from unnest('{lanes, starts, turns}'::text[]) as kept;

select delete_queue('pgtap tenants') \g /dev/null
select is_empty(format('select from %I where queue_id = %s', kept, :queue_id), kept || ' after')
from unnest('{lanes, starts, turns}'::text[]) as kept;
select results_eq(
  $$select status, queue from get_workflow('pgtap a')$$, $$values ('SUCCESS', null)$$,
  'its workflow is there, without the name of a queue'
);

-- Made again, it begins anew.
select register_queue('pgtap tenants', rate_limit => 1, rate_period => '1 hour') \g /dev/null
select enqueue('pay', queue => 'pgtap tenants') \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap tenants'])), 1::bigint, 'a new one of that name begins anew');

select * from finish();
rollback;

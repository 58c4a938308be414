begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select enqueue_many('pgtap', '{1, 2, 3, 4, 5}', 'pgtap tenants', '{pgtap a1, pgtap a2, pgtap a3, pgtap b1, pgtap b2}',
  '{0, -1, -1, 9, 8}', partition_keys => '{a, a, a, b, b}') \g /dev/null

create temp table claimed (i int generated always as identity, workflow_id text);
insert into claimed (workflow_id) select workflow_id from claim(:worker, array['pgtap tenants']);
insert into claimed (workflow_id) select workflow_id from claim(:worker, array['pgtap tenants']);
insert into claimed (workflow_id) select workflow_id from claim(:worker, array['pgtap tenants']);
insert into claimed (workflow_id) select workflow_id from claim(:worker, array['pgtap tenants']);
insert into claimed (workflow_id) select workflow_id from claim(:worker, array['pgtap tenants']);
select is(
  array(select workflow_id from claimed order by i),
  '{pgtap a2, pgtap b2, pgtap a3, pgtap b1, pgtap a1}',
  'by priority, then first in, first out; the turn comes before priority'
);

select release(key, token) from tasks where executor_id = :worker \g /dev/null
select is(
  array(select workflow_id from claim(:worker, array['pgtap tenants'], 5)),
  '{pgtap a2, pgtap a3, pgtap a1, pgtap b2, pgtap b1}', 'what one claim brings is in the order of the queue'
);

select * from finish();
rollback;

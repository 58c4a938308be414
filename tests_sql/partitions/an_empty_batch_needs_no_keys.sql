begin;
\ir ../_setup.inc
select plan(2);

select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select is_empty($$select enqueue_many('pay', '{}', 'pgtap tenants')$$, 'left out');
select is_empty($$select enqueue_many('pay', '{}', 'pgtap tenants', partition_keys => '{}')$$, 'none');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(6);

select register_queue('pgtap tenants', partitioned => true) \g /dev/null
create temp table debounced as
select place, debounce('index', 'key', '1 minute', queue => queue, partition_key => partition_key) as id
from (values (1, 'pgtap', null), (2, 'default', null), (3, 'pgtap tenants', 'a'), (4, 'pgtap tenants', 'b'))
  as v (place, queue, partition_key);
select is((select count(distinct id) from debounced), 4::bigint, 'four workflows');
select is(debounce('index', 'key', '1 minute', queue => 'pgtap tenants', partition_key => 'b'), id)
from debounced where place = 4;
select is(debounce('index', 'key', '1 minute', queue => 'pgtap'), id) from debounced where place = 1;
select is(debounce('index', 'key', '1 minute'), id, 'the default queue') from debounced where place = 2;
select throws_ok($$select debounce('index', 'key', '1 minute', queue => 'pgtap none')$$, 'PD007');
select isnt(debounce('index', 'Key', '1 minute', queue => 'pgtap'), id, 'keys differ by case') from debounced where place = 1;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(7);

create function pg_temp.order_of(id text)
returns text
language sql
as $$
  select detail from explain_wait(id) where reason = 'order'
$$;

select enqueue_many('pgtap', '{1, 2, 3}', 'pgtap', '{pgtap a, pgtap b, pgtap c}', '{0, 0, -1}') \g /dev/null
select is(pg_temp.order_of('pgtap c'), null, 'it is the first');
select is(pg_temp.order_of('pgtap a'), '1 workflows are before it');
select is(pg_temp.order_of('pgtap b'), '2 workflows are before it');

select enqueue_many('pgtap', array_fill('1'::json, '{997}'), 'pgtap', priorities => array_fill(-1, '{997}'))
\g /dev/null
select is(pg_temp.order_of('pgtap a'), '998 workflows are before it');
select enqueue_many('pgtap', array_fill('1'::json, '{3}'), 'pgtap', priorities => array_fill(-1, '{3}')) \g /dev/null
select is(pg_temp.order_of('pgtap b'), 'more than 1000 workflows are before it', 'there the count ends');

select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select enqueue_many('pgtap', '{1, 2, 3}', 'pgtap tenants', '{pgtap d, pgtap e, pgtap f}',
  partition_keys => '{1, 2, 2}') \g /dev/null
select is(pg_temp.order_of('pgtap e'), null, 'in its partition');
select is(pg_temp.order_of('pgtap f'), '1 workflows are before it');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap') \g /dev/null

select is_empty(format($$select claim(%s, array['pgtap none'], 10)$$, :worker), 'alone');
select is(
  (select count(*) from claim(:worker, array['pgtap none', null, 'pgtap'], 10)), 1::bigint, 'with others'
);
select register_queue('pgtap none') \g /dev/null
select enqueue('pgtap', queue => 'pgtap none') \g /dev/null
select is(
  (select count(*) from claim(:worker, array['pgtap none'], 10)), 1::bigint, 'served once it exists'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as first, pg_temp.worker() as second \gset
select register_queue('pgtap orders', concurrency => 3) \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{10}'), 'pgtap orders') \g /dev/null

create temp table run as
select row_number() over () as i, * from claim(:first, array['pgtap orders'], 2);
select is((select count(*) from run), 2::bigint);
select is((select count(*) from claim(:second, array['pgtap orders'], 10)), 1::bigint, 'over all executors');
select is_empty(
  format($$select claim(%s, array['pgtap orders'], 10)$$, executor), 'no more on executor ' || i
)
from unnest(array[:first, :second]) with ordinality as e (executor, i);
select finish(workflow_key, token) from run where i = 1 \g /dev/null
select is((select count(*) from claim(:second, array['pgtap orders'], 10)), 1::bigint, 'one has ended, one starts');
select finish(workflow_key, token) from run where i = 2 \g /dev/null
select is((select count(*) from claim(:first, array['pgtap orders'], 10)), 1::bigint, 'and another');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select register_queue('pgtap limited', concurrency => 2), register_queue('pgtap free') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{100}'), queue)
from unnest('{pgtap limited, pgtap free}'::text[]) as queue \g /dev/null

select results_eq(
  format($$
    select queue, count(*) from claim(%s, array['pgtap limited', 'pgtap free'], 20) group by queue order by queue
  $$, :worker),
  $$values ('pgtap free', 18::bigint), ('pgtap limited', 2)$$
);
select is(
  (select array_agg(distinct queue) from claim(:worker, array['pgtap limited', 'pgtap free'], 20)), '{pgtap free}'
);

select * from finish();
rollback;

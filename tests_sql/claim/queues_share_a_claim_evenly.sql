begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select register_queue('pgtap ' || i) from generate_series(1, 4) as i \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap ' || i)
from generate_series(1, 4) as i \g /dev/null

select results_eq(
  format(
    $$
      select queue, count(*)
      from claim(%s, array['pgtap 1', 'pgtap 2', 'pgtap 3', 'pgtap 4'], 40)
      group by queue
      order by queue
    $$,
    :worker
  ),
  $$values ('pgtap 1', 10::bigint), ('pgtap 2', 10), ('pgtap 3', 10), ('pgtap 4', 10)$$
);

select * from finish();
rollback;

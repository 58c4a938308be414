begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select register_queue('pgtap ' || i) from generate_series(1, 3) as i \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, array[many]), 'pgtap ' || i)
from (values (1, 100), (2, 100), (3, 2)) as v (i, many) \g /dev/null
create temp table claimed as
select queue, count(*) as many
from claim(:worker, array['pgtap 1', 'pgtap 2', 'pgtap 3'], 30)
group by queue;

select is(many, 2::bigint, 'all of the short one') from claimed where queue = 'pgtap 3';
select cmp_ok(many, '>=', 10::bigint, 'at least a third: ' || queue)
from claimed where queue <> 'pgtap 3';
select is((select sum(many) from claimed), 30::numeric, 'and nothing is left over');

select * from finish();
rollback;

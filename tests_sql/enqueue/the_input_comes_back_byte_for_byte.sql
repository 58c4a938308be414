begin;
\ir ../_setup.inc
select plan(24);

create temp table input as
select v as value, 'pgtap ' || row_number() over () as id
from unnest(array[
  '{"b": 1,"a":  2, "b": 3}', '1e22', '0.10', '"\u0000"', '"ä\u00e4"', '123456789012345678901234567890',
  'null', ' [1 , 2] '
]) as v;
select enqueue('pgtap', value::json, 'pgtap', id) from input \g /dev/null
select enqueue_many(
  'pgtap', array_agg(value::json order by id), 'pgtap', array_agg('many ' || id order by id)
)
from input \g /dev/null
create temp table claimed as
select * from claim(pg_temp.worker(), array['pgtap'], 100);

select is(w.input::text, i.value, 'get_workflow: ' || i.value) from input i, get_workflow(i.id) as w;
select is(c.input::text, i.value, 'claim: ' || i.value)
from input i
join claimed c on c.workflow_id = i.id;
select is(c.input::text, i.value, 'after enqueue_many: ' || i.value)
from input i
join claimed c on c.workflow_id = 'many ' || i.id;

select * from finish();
rollback;

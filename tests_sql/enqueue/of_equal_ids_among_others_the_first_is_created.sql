begin;
\ir ../_setup.inc
select plan(2);

-- Enough of them that a sort which ignores the order given would mix them up.
create temp table given as
select i as item, 'pgtap ' || i * 7919 % 97 as id from generate_series(1, 3000) as i;
select pg_temp.worker() as worker \gset

-- Starts, which many callers make in one call: in a batch of one caller equal ids have equal inputs.
create temp table answered as
select *
from start_many(
  :worker, array_fill('pay'::text, '{3000}'), (select array_agg(to_json(item) order by item) from given),
  (select array_agg(id order by item) from given)
);

select results_eq(
  $$select item from answered where token is not null order by item$$,
  $$select min(item) from given group by id order by 1$$,
  'created'
);
select results_eq(
  $$
    select w.input::text::int
    from answered, get_workflow(workflow_id) as w
    where token is not null
    order by item
  $$,
  $$select min(item) from given group by id order by 1$$,
  'with their own input'
);

select * from finish();
rollback;

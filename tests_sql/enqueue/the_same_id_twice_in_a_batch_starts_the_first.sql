begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(7);

select results_eq(
  $$
    select item, created
    from enqueue_many('pay', array_fill('1'::json, '{500}'), 'pgtap', array_fill('pgtap a'::text, '{500}'))
  $$,
  $$select i, i = 1 from generate_series(1, 500) as i$$,
  'only the first is created'
);
select is(
  (select array_agg(created order by item) from enqueue_many('pay', array[null, null]::json[], 'pgtap', '{pgtap b, pgtap b}')),
  '{t, f}', 'also without input'
);

-- Of two that differ, one would never run.
create temp table differing (inputs json[], ids text[]);
insert into differing values
  ('{1, 2}', '{pgtap c, pgtap c}'),
  ('{null, 2}', '{pgtap c, pgtap c}'),
  ('{1, 1, 2, 1, 1, 3}', '{pgtap d, pgtap d, pgtap c, null, null, pgtap c}');
select throws_ok(
  format('select enqueue_many(''pay'', %L, ''pgtap'', %L)', inputs, ids),
  'PD001', 'workflow id ''pgtap c'' is given to several workflows with different inputs'
)
from differing;
select is(
  pg_temp.hint($$select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap c, pgtap c}')$$),
  'An id starts one workflow, once. Give each an id of its own, or leave the ids out.'
);
select throws_ok($$select get_result('pgtap d')$$, 'PD002', null, 'nothing was enqueued');

select * from finish();
rollback;

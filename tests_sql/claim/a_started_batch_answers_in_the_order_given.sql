begin;
\ir ../_setup.inc
select plan(2);

-- Another plan than the usual one must not change the order.
set local enable_nestloop to off;
select pg_temp.worker() as worker \gset
select enqueue('b', queue => 'pgtap', workflow_id => 'pgtap 2') \g /dev/null

select results_eq(
  format(
    $$
      select item, workflow_id, token
      from start_many(%s, '{c, b, a}', '{3, 2, 1}', '{pgtap 3, pgtap 2, pgtap 1}', '{1, 2, null}')
    $$,
    :worker
  ),
  $$values (1, 'pgtap 3', 0::bigint), (2, 'pgtap 2', null), (3, 'pgtap 1', 0)$$
);
select results_eq(
  $$
    select workflow, input::text, max_recovery_attempts
    from unnest('{pgtap 3, pgtap 2, pgtap 1}'::text[]) with ordinality as g (id, item), get_workflow(id)
    order by item
  $$,
  $$values ('c', '3', 1), ('b', null, 100), ('a', '1', 100)$$,
  'each with what was given for it'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(7);

select pg_temp.worker() as worker \gset
create function pg_temp.children(parent text, names text[]) returns void language plpgsql as $$
declare
  v_task tasks;
begin
  select t.* into v_task from tasks t join workflows w using (key) where w.workflow_id = parent;
  perform start_many(
    v_task.executor_id, array_fill('pgtap'::text, array[cardinality(names)]),
    array_fill('1'::json, array[cardinality(names)]), names,
    parent_keys => array_fill(v_task.key, array[cardinality(names)]),
    parent_tokens => array_fill(v_task.token, array[cardinality(names)]),
    parent_steps => array(select g from generate_subscripts(names, 1) as g)
  );
end
$$;

select key, token from pg_temp.running(:worker, 'pgtap root') \gset
select pg_temp.children('pgtap root', '{pgtap a, pgtap b, pgtap c}') \g /dev/null
select pg_temp.children('pgtap a', '{pgtap aa, pgtap ab}') \g /dev/null
select pg_temp.children('pgtap b', '{pgtap ba}') \g /dev/null
-- Grandchildren go on when their parent has ended.
select finish(t.key, t.token, '1') from tasks t join workflows w using (key) where w.workflow_id = 'pgtap b' \g /dev/null
select key as other, token as other_token from pg_temp.running(:worker, 'pgtap other') \gset

select results_eq(
  $$select item, workflow_id, outcome from cancel_many('{pgtap root}')$$,
  $$values (1, 'pgtap root', 'cancelled')$$,
  'without children it alone'
);
select is(pg_temp.status('pgtap a'), 'PENDING');
select set_eq(
  $$select item, workflow_id, outcome, status from cancel_many('{pgtap root, pgtap c}', children => true)$$,
  $$
    values (1, 'pgtap root', 'ended before', 'CANCELLED'), (2, 'pgtap c', 'cancelled', 'CANCELLED'),
      (null, 'pgtap a', 'cancelled', 'CANCELLED'), (null, 'pgtap aa', 'cancelled', 'CANCELLED'),
      (null, 'pgtap ab', 'cancelled', 'CANCELLED'), (null, 'pgtap ba', 'cancelled', 'CANCELLED')
  $$,
  'those of a workflow that has ended, too'
);
select is(pg_temp.status('pgtap b'), 'SUCCESS');
select is(pg_temp.status('pgtap other'), 'PENDING');
select is_empty($$select from cancel_many('{pgtap root}', children => true) where outcome = 'cancelled'$$);
select is_empty('select from cancel_many(array[]::text[], true)');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(3);

create temp table parent as
select * from pg_temp.running(pg_temp.worker(), 'pgtap parent');

select results_eq(
  $$
    select c.*
    from parent, enqueue_many('ship', '{1, 2}', 'pgtap', parent_keys => array[key, key],
      parent_tokens => array[token, token], parent_steps => '{3, 5}') as c
  $$,
  $$values (1, 'pgtap parent-3', true), (2, 'pgtap parent-5', true)$$,
  'its id'
);
select is(parent_id, 'pgtap parent', 'its parent') from get_workflow('pgtap parent-3');
select is(status, 'ENQUEUED', 'it waits in the queue') from get_workflow('pgtap parent-3');

select * from finish();
rollback;

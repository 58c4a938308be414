begin;
\ir ../_setup.inc
select plan(3);

select enqueue('pay', workflow_id => null, priority => null, max_recovery_attempts => null) as id \gset
select results_eq(
  format($$select input::text, priority, max_recovery_attempts from get_workflow(%L)$$, :'id'),
  $$values (null::text, 0, 100)$$,
  'enqueue'
);

create temp table many as
select * from enqueue_many('pay', '{null, 1}', 'pgtap', '{pgtap a, null}', '{null, 3}');
select results_eq(
  $$select item, workflow_id = 'pgtap a', created from many order by item$$,
  $$values (1, true, true), (2, false, true)$$,
  'enqueue_many: an id given for some'
);
select results_eq(
  $$select w.priority from many, get_workflow(workflow_id) as w order by item$$,
  $$values (0), (3)$$,
  'enqueue_many: a priority given for some'
);

select * from finish();
rollback;

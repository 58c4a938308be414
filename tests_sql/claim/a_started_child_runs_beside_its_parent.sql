begin;
\ir ../_setup.inc
select plan(7);

create temp table parent as
select w.worker, r.*
from (select pg_temp.worker() as worker) as w, pg_temp.running(w.worker, 'pgtap parent') as r;
prepare start_child as
select c.workflow_id, c.token
from parent, start_many(worker, '{ship}', '{1}', parent_keys => array[key], parent_tokens => array[token],
  parent_steps => '{2}') as c;

select results_eq('start_child', $$values ('pgtap parent-2', 0::bigint)$$, 'its id and its token');
select is(pg_temp.status('pgtap parent-2'), 'PENDING', 'it runs');
select results_eq(
  $$select step, name, child_id from list_steps('pgtap parent')$$,
  $$values (2, 'ship', 'pgtap parent-2')$$,
  'its start is a step of the parent'
);
select results_eq(
  'start_child', $$values ('pgtap parent-2', null::bigint)$$, 'the same call again: the same child, no token'
);
select throws_ok(
  $$
    select start_many(worker, '{other}', '{1}', '{pgtap own}', parent_keys => array[key],
      parent_tokens => array[token], parent_steps => '{2}')
    from parent
  $$,
  'PD005', null, 'another child in its place'
);
select throws_ok(
  $$
    select start_many(worker, '{ship}', '{1}', parent_keys => array[key], parent_tokens => array[token + 1000],
      parent_steps => '{3}')
    from parent
  $$,
  'PD004', null, 'a lost parent'
);
select throws_ok($$select get_result('pgtap parent-3')$$, 'PD002', null, 'starts no child');

select * from finish();
rollback;

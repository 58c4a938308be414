begin;
\ir ../_setup.inc
select plan(2);

create temp table parent as
select * from pg_temp.running(pg_temp.worker(), 'pgtap parent');

select throws_ok(
  $$
    select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key], parent_tokens => array[token])
    from parent
  $$,
  'PD001', null, 'no steps'
);
select throws_ok(
  $$
    select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key], parent_tokens => array[token],
      parent_steps => '{null}')
    from parent
  $$,
  'PD001', null, 'a step that is null'
);

select * from finish();
rollback;

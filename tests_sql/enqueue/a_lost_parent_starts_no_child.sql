begin;
\ir ../_setup.inc
select plan(8);

create temp table parent as
select * from pg_temp.running(pg_temp.worker(), 'pgtap parent');
create temp table other as
select * from pg_temp.running(pg_temp.worker(), 'pgtap other');

select throws_ok(
  $$
    select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key],
      parent_tokens => array[token + 1000], parent_steps => '{1}')
    from parent
  $$,
  'PD004', null, 'another token'
);
select throws_ok(
  $$
    select enqueue_many('ship', '{1, 2}', 'pgtap', parent_keys => array[p.key, o.key],
      parent_tokens => array[p.token, o.token + 1000], parent_steps => '{1, 1}')
    from parent p, other o
  $$,
  'PD004', null, 'one of two is lost'
);
select throws_ok(
  $$select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key], parent_steps => '{1}') from parent$$,
  'PD004', null, 'no token'
);
select suspend(key, token, '1 hour') from parent \g /dev/null
select throws_ok(
  $$
    select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key],
      parent_tokens => array[token], parent_steps => '{1}')
    from parent
  $$,
  'PD004', null, 'put down'
);
select finish(key, token) from other \g /dev/null
select throws_ok(
  $$
    select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key],
      parent_tokens => array[token], parent_steps => '{1}')
    from other
  $$,
  'PD004', null, 'finished'
);
select throws_ok($$select get_result('pgtap parent-1')$$, 'PD002', null, 'there is no child');
select throws_ok($$select get_result('pgtap other-1')$$, 'PD002', null, 'nor of the other');
select is_empty($$select list_steps('pgtap parent')$$, 'and no step');

select * from finish();
rollback;

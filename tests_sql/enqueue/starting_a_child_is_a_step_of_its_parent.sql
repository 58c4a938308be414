begin;
\ir ../_setup.inc
select plan(1);

create temp table parent as
select * from pg_temp.running(pg_temp.worker(), 'pgtap parent');
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('ship', '{1, 2}', 'pgtap', '{null, pgtap own}', parent_keys => array[key, key],
  parent_tokens => array[token, token], parent_steps => '{1, 2}')
from parent \g /dev/null

select results_eq(
  $$select step, name, output::text, error::text, child_id, attempts, completed_at from list_steps('pgtap parent')$$,
  $$
    values
      (1, 'ship', null::text, null::text, 'pgtap parent-1', 1, '2030-01-01 12:00+00'::timestamptz),
      (2, 'ship', null, null, 'pgtap own', 1, '2030-01-01 12:00+00')
  $$
);

select * from finish();
rollback;

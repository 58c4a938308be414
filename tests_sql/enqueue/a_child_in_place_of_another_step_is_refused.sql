begin;
\ir ../_setup.inc
select plan(6);

create temp table parent as
select * from pg_temp.running(pg_temp.worker(), 'pgtap parent');
select record_step(key, token, 1, 'charge', '1') from parent \g /dev/null
select fail_step(key, token, 2, 'ship', '"no"', 1, 3) from parent \g /dev/null
select enqueue_many('ship', '{1}', 'pgtap', '{pgtap own}', parent_keys => array[key],
  parent_tokens => array[token], parent_steps => '{3}')
from parent \g /dev/null

select throws_ok(
  format(
    $$
      select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key],
        parent_tokens => array[token], parent_steps => '{%s}')
      from parent
    $$,
    step
  ),
  'PD005', null, 'where ' || what
)
from (values (1, 'a step stands'), (2, 'a step is retried'), (3, 'another child stands')) as v (step, what);
select throws_ok(
  format($$select get_result('pgtap parent-%s')$$, step), 'PD002', null, 'no child of step ' || step
)
from generate_series(1, 3) as step;

select * from finish();
rollback;

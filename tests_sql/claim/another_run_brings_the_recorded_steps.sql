begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select record_step(key, token, 2, 'charge', '{"b": 1,"a":  2, "b": 3}') from run \g /dev/null
select record_step(key, token, 1, 'check', error => '{"message": "no"}') from run \g /dev/null
select enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key], parent_tokens => array[token],
  parent_steps => '{3}')
from run \g /dev/null
select fail_step(key, token, 4, 'mail', '"once"', 1, 3, '1 minute') from run \g /dev/null
select release(key, token) from run \g /dev/null

set local perdure.test_clock = '2030-01-01 12:00:20+00';
create temp table claimed as
select * from claim(:worker, array['pgtap']);
select is(attempt, 1, 'a release is no attempt') from claimed;
select results_eq(
  $$
    select s.*
    from claimed, json_to_recordset(steps)
      as s (step int, name text, output text, error text, child_id text, attempts int, completed boolean, retry_in numeric)
  $$,
  $$
    values
      (1, 'check', null, '{"message": "no"}', null, 1, true, null::numeric),
      (2, 'charge', '{"b": 1,"a":  2, "b": 3}', null, null, 1, true, null),
      (3, 'ship', null, null, 'pgtap a-3', 1, true, null),
      (4, 'mail', null, '["once"]', null, 1, false, 40)
  $$
);

select * from finish();
rollback;

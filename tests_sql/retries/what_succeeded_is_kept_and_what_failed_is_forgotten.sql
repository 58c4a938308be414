begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select enqueue_many('pay', '{1, 2, 3}', 'pgtap', '{pgtap a, pgtap b, pgtap c}', retries => 1, retry_interval => '0')
\g /dev/null
create temp table run as
select workflow_id as id, workflow_key as key, token from claim(:worker, array['pgtap'], 3);

-- The first fails in its fourth step, after it has met an error in its second and gone on. The
-- second while an attempt of its third is to be made. The third in its only step.
select record_step(key, token, 1, 'reserve', '"seat 7"') from run where id = 'pgtap a' \g /dev/null
select record_step(key, token, 2, 'coupon', error => '"none"') from run where id = 'pgtap a' \g /dev/null
select enqueue_many('print', '{1}', 'pgtap', '{pgtap child}', parent_keys => array[key], parent_tokens => array[token],
  parent_steps => '{3}', delay => '1 day') from run where id = 'pgtap a' \g /dev/null
select record_step(key, token, 4, 'charge', error => '"refused"') from run where id = 'pgtap a' \g /dev/null
select record_step(key, token, 5, 'give up', error => '"refused"') from run where id = 'pgtap a' \g /dev/null
select record_step(key, token, 1, 'reserve', '"seat 8"') from run where id = 'pgtap b' \g /dev/null
select fail_step(key, token, 2, 'charge', '"refused"', 1, 3) from run where id = 'pgtap b' \g /dev/null
select record_step(key, token, 1, 'reserve', error => '"full"') from run where id = 'pgtap c' \g /dev/null
select finish(key, token, error => '"no"') from run \g /dev/null

select results_eq(
  $$select step, name, output::text, error::text, child_id from list_steps('pgtap a')$$,
  $$
    values (1, 'reserve', '"seat 7"', null, null), (2, 'coupon', null, '"none"', null),
      (3, 'print', null, null, 'pgtap child')
  $$,
  'the last ones that failed are gone'
);
select results_eq(
  $$select step, name, output::text, error::text from list_steps('pgtap b')$$,
  $$values (1, 'reserve', '"seat 8"', null)$$,
  'attempts begin anew, too'
);
select is_empty($$select list_steps('pgtap c')$$, 'nothing had succeeded');
select results_eq(
  format(
    $$
      select workflow_id, json_array_length(steps) from claim(%s, array['pgtap'], 10) order by workflow_id
    $$,
    :worker
  ),
  $$values ('pgtap a', 3), ('pgtap b', 1), ('pgtap c', null)$$,
  'the retry brings what is kept'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(4);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select fail_step(key, token, 1, 'charge', '"no"', 1, 3),
  fail_step(key, token, 2, 'ship', '"no"', 1, 3)
from run \g /dev/null
set local perdure.test_clock = '2030-01-01 12:00+00';

select ok(record_step(key, token, 1, 'charge', '"yes"'), 'the call says that it is recorded now') from run;
select is_empty(
  $$
    select record_steps(array[key], array[token], '{2}', '{ship}', array[null]::json[],
      array['{"message": "never"}']::json[], '{5 seconds}')
    from run
  $$,
  'or ends with an error that no attempt can mend'
);
select results_eq(
  $$
    select name, output::text, error::text, attempts, started_at, completed_at, retry_at
    from list_steps('pgtap a')
  $$,
  $$
    values
      ('charge', '"yes"', null, 2, null::timestamptz, '2030-01-01 12:00+00'::timestamptz, null::timestamptz),
      ('ship', null, '{"message": "never"}', 2, '2030-01-01 11:59:55+00', '2030-01-01 12:00+00', null)
  $$
);
select ok(not record_step(key, token, 1, 'charge', '"again"'), 'then it never changes') from run;

select * from finish();
rollback;

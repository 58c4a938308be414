begin;
\ir ../_setup.inc
select plan(2);

set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select is_empty(
  $$
    select record_steps(array[key, key], array[token, token], '{1, 2}', '{first, second}', '{1, 2}',
      durations => array['1.5 seconds', null]::interval[])
    from run
  $$
);
select results_eq(
  $$select started_at, completed_at from list_steps('pgtap a')$$,
  $$
    values
      ('2030-01-01 11:59:58.5+00'::timestamptz, '2030-01-01 12:00+00'::timestamptz),
      (null, '2030-01-01 12:00+00')
  $$
);

select * from finish();
rollback;

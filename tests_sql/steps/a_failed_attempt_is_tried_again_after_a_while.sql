begin;
\ir ../_setup.inc
select plan(2);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
set local perdure.test_clock = '2030-01-01 12:00+00';

select results_eq(
  $$
    select f.retry_in, f.final_error::text
    from run, fail_step(key, token, 1, 'charge', '{"message": "no"}', 1, 3, '10 seconds') as f
  $$,
  $$values (interval '10 seconds', null::text)$$,
  'the answer'
);
select results_eq(
  $$
    select name, output::text, error::text, attempts, started_at, completed_at, retry_at
    from list_steps('pgtap a')
  $$,
  $$
    values ('charge', null::text, '[{"message": "no"}]', 1, '2030-01-01 12:00+00'::timestamptz, null::timestamptz,
      '2030-01-01 12:00:10+00'::timestamptz)
  $$,
  'what is recorded'
);

select * from finish();
rollback;

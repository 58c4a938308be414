begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker('pgtap host') as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pay', '{"a":  1}', 'pgtap', 'pgtap a', 7, 3, 'v1') \g /dev/null

select results_eq(
  $$
    select workflow, status, queue, priority, input::text, output::text, error::text, attempts,
      max_recovery_attempts, executor, app_version, parent_id, created_at, started_at, completed_at, wake_at
    from get_workflow('pgtap a')
  $$,
  $$
    values ('pay', 'ENQUEUED', 'pgtap', 7, '{"a":  1}', null::text, null::text, 0, 3, null::text, 'v1',
      null::text, '2030-01-01 12:00+00'::timestamptz, null::timestamptz, null::timestamptz, null::timestamptz)
  $$,
  'while it waits'
);

set local perdure.test_clock = '2030-01-01 12:01+00';
select workflow_key as key, token from claim(:worker, array['pgtap']) \gset
select results_eq(
  $$
    select status, attempts, executor, created_at, started_at, completed_at
    from get_workflow('pgtap a')
  $$,
  $$
    values ('PENDING', 1, 'pgtap host', '2030-01-01 12:00+00'::timestamptz,
      '2030-01-01 12:01+00'::timestamptz, null::timestamptz)
  $$,
  'while it runs'
);

set local perdure.test_clock = '2030-01-01 12:02+00';
select finish(:key, :token, '"done"') \g /dev/null
select results_eq(
  $$
    select status, queue, output::text, error::text, attempts, executor, started_at, completed_at
    from get_workflow('pgtap a')
  $$,
  $$
    values ('SUCCESS', 'pgtap', '"done"', null::text, 1, 'pgtap host',
      '2030-01-01 12:01+00'::timestamptz, '2030-01-01 12:02+00'::timestamptz)
  $$,
  'when it has ended'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap a') \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select record_steps(
  array_fill(:key::bigint, '{2}'), array_fill(:token::bigint, '{2}'), '{2, 1}', '{second, first}',
  array['2', null]::json[], array[null, '{"message": "no"}']::json[], array['90 seconds', null]::interval[]
) \g /dev/null
select fail_step(:key, :token, 3, 'third', '"once"', 1, 3, '1 minute') \g /dev/null

select results_eq(
  $$
    select step, name, output::text, error::text, child_id, attempts, started_at, completed_at, retry_at
    from list_steps('pgtap a')
  $$,
  $$
    values
      (1, 'first', null::text, '{"message": "no"}', null::text, 1, null::timestamptz,
        '2030-01-01 12:00+00'::timestamptz, null::timestamptz),
      (2, 'second', '2', null, null, 1, '2030-01-01 11:58:30+00', '2030-01-01 12:00+00', null),
      (3, 'third', null, '["once"]', null, 1, '2030-01-01 12:00+00', null, '2030-01-01 12:01+00')
  $$
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(4);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select fail_step(key, token, 1, 'charge', '{"message": "one"}', 1, 2) from run \g /dev/null
set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table failed as
select f.* from run, fail_step(key, token, 1, 'charge', '{"message": "two"}', 2, 2) as f;

select is(retry_in, null, 'it is not tried again') from failed;
select is(
  final_error::jsonb,
  '{
    "name": "StepRetriesExceeded",
    "message": "step 1 (charge) failed 2 times; the last error: two",
    "code": null,
    "data": {"step": 1, "name": "charge", "attempts": 2, "errors": [{"message": "one"}, {"message": "two"}]}
  }'::jsonb,
  'the final error'
)
from failed;
select results_eq(
  $$select attempts, output::text, error::text, completed_at, retry_at from list_steps('pgtap a')$$,
  $$
    select 2, null::text, final_error::text, '2030-01-01 12:00+00'::timestamptz, null::timestamptz
    from failed
  $$,
  'is the result of the step'
);
select results_eq(
  $$select f.retry_in, f.final_error::text from run, fail_step(key, token, 1, 'charge', '"late"', 3, 5) as f$$,
  $$select null::interval, final_error::text from failed$$,
  'told again, it stands'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _maintained.inc
select plan(6);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', max_recovery_attempts => 2) \g /dev/null
create function pg_temp.die(attempt out int, maintained out text)
language plpgsql
as $$
declare
  v_worker bigint := pg_temp.worker();
begin
  attempt := (select c.attempt from claim(v_worker, array['pgtap']) as c);
  perform pg_temp.lapse(v_worker);
  maintained := pg_temp.maintained()::text;
end
$$;

select results_eq('select * from pg_temp.die()', $$values (1, '{1,1,0,0,0}')$$, 'the first claim');
select results_eq('select * from pg_temp.die()', $$values (2, '{1,1,0,0,0}')$$, 'the first recovery');
select results_eq('select * from pg_temp.die()', $$values (3, '{1,0,1,0,0}')$$, 'the second and last');

select results_eq(
  $$select status, attempts, output::text from get_workflow('pgtap a')$$,
  $$values ('MAX_RECOVERY_ATTEMPTS_EXCEEDED', 3, null::text)$$
);
select is(
  error::jsonb,
  '{
    "name": "MaxRecoveryAttemptsExceeded", "message": "the worker that ran it died 3 times", "code": "PD010",
    "data": {"attempts": 3}
  }'::jsonb,
  'its error'
)
from get_result('pgtap a');
select is_empty($$select claim(pg_temp.worker(), array['pgtap'])$$, 'nobody claims it any more');

select * from finish();
rollback;

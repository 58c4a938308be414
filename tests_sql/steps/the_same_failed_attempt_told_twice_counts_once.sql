begin;
\ir ../_setup.inc
select plan(3);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
prepare fail as
select f.retry_in, f.final_error::text
from run, fail_step(key, token, 1, 'charge', '"no"', 1, 3, '10 seconds') as f;
set local perdure.test_clock = '2030-01-01 12:00+00';
execute fail \g /dev/null

set local perdure.test_clock = '2030-01-01 12:00:04+00';
select results_eq('fail', $$values (interval '6 seconds', null::text)$$, 'what is left of the delay');
set local perdure.test_clock = '2030-01-01 12:01+00';
select results_eq('fail', $$values (interval '0', null::text)$$, 'never less than nothing');
select results_eq(
  $$select attempts, error::text from list_steps('pgtap a')$$, $$values (1, '["no"]')$$, 'counted once'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select is(f.final_error -> 'data' ->> 'errors', '["no"]')
from run, fail_step(key, token, 1, 'charge', '"no"', 1, 1) as f;
select ok(completed_at is not null) from list_steps('pgtap a');

select * from finish();
rollback;

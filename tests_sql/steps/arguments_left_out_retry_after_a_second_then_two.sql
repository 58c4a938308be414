begin;
\ir ../_setup.inc
select plan(3);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select is(f.retry_in, interval '1 second') from run, fail_step(key, token, 1, 'charge', '"no"', 1, 20) as f;
select is(f.retry_in, interval '2 seconds') from run, fail_step(key, token, 1, 'charge', '"no"', 2, 20) as f;
select is(f.retry_in, interval '1 hour') from run, fail_step(key, token, 1, 'charge', '"no"', 19, 20) as f;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select fail_step(key, token, 1, 'charge', '"one"', 1, 2) from run \g /dev/null
select release(key, token) from run \g /dev/null
create temp table again as
select workflow_key as key, token from claim(:worker, array['pgtap']);

select is(f.final_error -> 'data' ->> 'errors', '["one", "two"]', 'the next run spends the last attempt')
from again, fail_step(key, token, 1, 'charge', '"two"', 2, 2) as f;

select * from finish();
rollback;

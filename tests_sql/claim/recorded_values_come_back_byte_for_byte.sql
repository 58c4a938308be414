begin;
\ir ../_setup.inc
select plan(14);

select pg_temp.worker() as worker \gset
create temp table value as
select v as text, row_number() over ()::int as step
from unnest(array[
  '{"b": 1,"a":  2, "b": 3}', '1e22', '0.10', '"\u0000"', '"ä\u00e4"', '123456789012345678901234567890',
  ' [1 , 2] '
]) as v;
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select record_step(key, token, step, 'output', text::json),
  record_step(key, token, step + 100, 'error', error => text::json)
from run, value \g /dev/null
select release(key, token) from run \g /dev/null
create temp table claimed as
select steps::text as steps from claim(:worker, array['pgtap']);

select ok(position(format('"output" : %s, "error" : null', text) in steps) > 0, 'output ' || text)
from claimed, value;
select ok(position(format('"output" : null, "error" : %s, ', text) in steps) > 0, 'error ' || text)
from claimed, value;

select * from finish();
rollback;

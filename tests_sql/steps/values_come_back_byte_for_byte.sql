begin;
\ir ../_setup.inc
select plan(24);

create temp table value as
select v as text, row_number() over ()::int as step
from unnest(array[
  '{"b": 1,"a":  2, "b": 3}', '1e22', '0.10', '"\u0000"', '"ä\u00e4"', '123456789012345678901234567890',
  'null', ' [1 , 2] '
]) as v;
create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select record_step(key, token, step, 'output', text::json), record_step(key, token, step + 100, 'error', error => text::json)
from run, value \g /dev/null

select is(output::text, text, 'output ' || text) from list_steps('pgtap a') join value using (step);
select is(s.error::text, text, 'error ' || text) from list_steps('pgtap a') as s join value v on s.step = v.step + 100;
select is(r.output::text, text, 'what stands: ' || text)
from run, value v, record_steps(array[key], array[token], array[step], '{output}', '{0}') as r;

select * from finish();
rollback;

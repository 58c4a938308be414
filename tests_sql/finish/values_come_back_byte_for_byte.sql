begin;
\ir ../_setup.inc
select plan(24);

select pg_temp.worker() as worker \gset
create temp table value as
select v as text, r.*, e.key as error_key, e.token as error_token, 'pgtap ' || i as id
from unnest(array[
    '{"b": 1,"a":  2, "b": 3}', '1e22', '0.10', '"\u0000"', '"ä\u00e4"', '123456789012345678901234567890',
    'null', ' [1 , 2] '
  ]) with ordinality as u (v, i),
  pg_temp.running(:worker, 'pgtap ' || i) as r,
  pg_temp.running(:worker, 'pgtap error ' || i) as e;
select finish(key, token, text::json), finish(error_key, error_token, error => text::json) from value \g /dev/null

select is(g.output::text, text, 'output ' || text) from value, get_result(id) as g;
select is(g.error::text, text, 'error ' || text) from value, get_result(replace(id, 'pgtap', 'pgtap error')) as g;
select is(g.output::text, text, 'get_results: ' || text) from value, get_results(array[id]) as g;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(8);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
create temp table failed as
select v.what, v.error, f.final_error
from run,
  (values
    (1, 'an object', '{"message": "no"}'),
    (2, 'an object without message', '{"b": 1,"a":  2}'),
    (3, 'text', '"no"'),
    (4, 'an array', '[1]'),
    (5, 'what text cannot hold', '{"message": "\u0000"}'),
    (6, 'what text cannot hold', '{"message": "\uDCFF"}'),
    (7, 'JSON null', 'null'),
    (8, 'null', null)
  ) as v (step, what, error),
  fail_step(key, token, v.step, 'charge', v.error::json, 1, 1) as f;

select ok(
  position(format('"errors" : [%s]', coalesce(error, 'null')) in final_error::text) > 0, what
)
from failed;

select * from finish();
rollback;

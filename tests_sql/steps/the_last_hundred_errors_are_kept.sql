begin;
\ir ../_setup.inc
select plan(2);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select fail_step(key, token, 1, 'charge', to_json(attempt), attempt, 106)
from run, generate_series(1, 105) as attempt \g /dev/null

select is(
  array(select e::int from list_steps('pgtap a'), json_array_elements_text(error) as e),
  array(select generate_series(6, 105)),
  'while it is tried again'
);
select is(
  array(select e::int from json_array_elements_text(f.final_error -> 'data' -> 'errors') as e),
  array(select generate_series(7, 106)),
  'and in the end'
)
from run, fail_step(key, token, 1, 'charge', '106', 106, 106) as f;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(4);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select ok(record_step(key, token, 1, 'charge', '"first"'), 'the first') from run;
select ok(not record_step(key, token, 1, 'charge', '"second"'), 'a second value') from run;
select ok(not record_step(key, token, 1, 'charge', error => '{"message": "no"}'), 'an error') from run;
select results_eq(
  $$select step, name, output::text, error::text, attempts from list_steps('pgtap a')$$,
  $$values (1, 'charge', '"first"', null::text, 1)$$,
  'the first stands'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select is_empty(
  $$
    select record_steps(array[key, key], array[token, token], '{2, 1}', '{second, first}', '{2, null}',
      array[null, '{"message": "no"}']::json[])
    from run
  $$
);
select results_eq(
  $$select step, name, output::text, error::text from list_steps('pgtap a')$$,
  $$values (1, 'first', null, '{"message": "no"}'), (2, 'second', '2', null)$$
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(1);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select results_eq(
  $$
    select f.item, f.outcome, f.output::text
    from run, finish_many(array[key, key, key], array[token, token, token], '{1, 2, 3}') as f
  $$,
  $$values (2, 'finished before', '1'), (3, 'finished before', '1')$$
);

select * from finish();
rollback;

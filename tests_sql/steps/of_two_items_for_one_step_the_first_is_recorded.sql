begin;
\ir ../_setup.inc
select plan(1);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select results_eq(
  $$
    select r.item, r.outcome, r.name, r.output::text
    from run, record_steps(
      array[key, key, key], array[token, token, token], '{1, 1, 1}', '{charge, charge, ship}', '{1, 2, 3}'
    ) as r
  $$,
  $$values (2, 'recorded before', 'charge', '1'), (3, 'unexpected step', 'charge', '1')$$
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select fail_step(key, token, 1, 'charge', '"no"', 1, 3) from run \g /dev/null

select results_eq(
  $$
    select r.item, r.outcome
    from run, record_steps(
      array[key, key, key, key], array[token + 1000, token, token, token], '{1, 1, 1, 2}',
      '{charge, charge, charge, ship}', '{1, 2, 3, 4}'
    ) as r
  $$,
  $$values (1, 'lease lost'), (3, 'recorded before')$$,
  'the answer'
);
select results_eq(
  $$select step, output::text, attempts from list_steps('pgtap a')$$,
  $$values (1, '2', 2), (2, '4', 1)$$,
  'what is recorded'
);

select * from finish();
rollback;

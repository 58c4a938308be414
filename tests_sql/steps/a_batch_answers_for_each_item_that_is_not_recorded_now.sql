begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
create temp table a as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table b as
select * from pg_temp.running(:worker, 'pgtap b');
create temp table lost as
select * from pg_temp.running(:worker, 'pgtap lost');
select record_step(key, token, 1, 'charge', '"old"'), record_step(key, token, 2, 'ship', error => '"no"')
from a \g /dev/null
select finish(key, token) from lost \g /dev/null

select results_eq(
  $$
    select r.item, r.outcome, r.name, r.output::text, r.error::text
    from a, b, lost, record_steps(
      array[b.key, a.key, lost.key, a.key, a.key, b.key],
      array[b.token, a.token, lost.token, a.token, a.token, b.token + 1000],
      '{1, 1, 1, 2, 3, 2}', '{charge, charge, charge, mail, mail, ship}', '{1, 2, 3, 4, 5, 6}'
    ) as r
  $$,
  $$
    values
      (2, 'recorded before', 'charge', '"old"', null),
      (3, 'lease lost', null, null, null),
      (4, 'unexpected step', 'ship', null, '"no"'),
      (6, 'lease lost', null, null, null)
  $$,
  'a row for each that was not'
);
select results_eq(
  $$select step, name, output::text from list_steps('pgtap b')$$, $$values (1, 'charge', '1')$$, 'the rest is recorded'
);
select results_eq(
  $$select step, name, output::text from list_steps('pgtap a')$$,
  $$values (1, 'charge', '"old"'), (2, 'ship', null), (3, 'mail', '5')$$,
  'also of a workflow with others that were not'
);
select is_empty($$select list_steps('pgtap lost')$$, 'nothing of the lost one');

select * from finish();
rollback;

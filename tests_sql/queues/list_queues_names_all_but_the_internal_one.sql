begin;
\ir ../_setup.inc
select plan(4);

select register_queue('pgtap b'), register_queue('pgtap a') \g /dev/null

select results_eq(
  $$select queue from list_queues() where queue like 'pgtap%'$$,
  $$values ('pgtap'), ('pgtap a'), ('pgtap b')$$,
  'by name'
);
select ok(exists (select from list_queues() where queue = 'default'), 'the default queue');
select ok(not exists (select from list_queues() where queue = '_internal'), 'not the internal one');
select ok(
  created_at between transaction_timestamp() and clock_timestamp(),
  'with the moment it was made'
)
from list_queues() where queue = 'pgtap a';

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b') \g /dev/null
select * from pg_temp.running(:worker, 'pgtap a') \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select recv(:key, :token, 1, 'topic', '1 s') \g /dev/null
select recv(:key, :token, 2) \g /dev/null
select await_events(array[:key], array[:token], '{3}', '{pgtap b}', '{ready}') \g /dev/null
select sleep(:key, :token, 4, '1 hour') \g /dev/null
select fail_step(:key, :token, 5, 'charge', '"once"', 1, 3, '1 minute') \g /dev/null
select record_step(:key, :token, 6, 'done', '1') \g /dev/null

select results_eq(
  $$select step, waits_for from list_steps('pgtap a')$$,
  $$
    values
      (1, 'message, message on topic topic'), (2, 'message, message on topic topic'), (3, 'event ready of workflow pgtap b'),
      (4, 'moment'), (5, 'next attempt'), (6, null)
  $$
);
set local perdure.test_clock = '2030-01-01 13:00+00';
select send('pgtap a', '1', 'topic') \g /dev/null
select recv(:key, :token, 1, 'topic') \g /dev/null
select results_eq(
  $$select waits_for from list_steps('pgtap a') where step in (1, 2, 4)$$, $$values (null), ('message'), (null)$$
);

select * from finish();
rollback;

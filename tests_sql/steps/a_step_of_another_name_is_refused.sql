begin;
\ir ../_setup.inc
select plan(5);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select record_step(key, token, 1, 'charge', '1') from run \g /dev/null
select fail_step(key, token, 2, 'mail', '"no"', 1, 3) from run \g /dev/null

select throws_ok(
  $$select record_step(key, token, 1, 'ship') from run$$,
  'PD005', 'step 1 is recorded as ''charge'', the workflow now runs ''ship'' there', 'record_step'
);
select throws_ok($$select record_step(key, token, 2, 'ship') from run$$, 'PD005', null, 'of a step that is retried');
select throws_ok(
  $$select fail_step(key, token, 1, 'ship', '"no"', 1, 3) from run$$,
  'PD005', 'step 1 is recorded as ''charge'', the workflow now runs ''ship'' there', 'fail_step'
);
select throws_ok(
  $$select fail_step(key, token, 2, 'ship', '"no"', 2, 3) from run$$, 'PD005', null, 'fail_step of one that is retried'
);
select results_eq(
  $$select step, name, attempts from list_steps('pgtap a')$$,
  $$values (1, 'charge', 1), (2, 'mail', 1)$$,
  'what is recorded stands'
);

select * from finish();
rollback;

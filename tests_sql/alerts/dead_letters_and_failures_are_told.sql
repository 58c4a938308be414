begin;
\ir ../_setup.inc
\ir ../retention/_kept.inc
select plan(9);

select is_empty($$select from alerts()$$, 'all is well');
select pg_temp.history('pgtap good', 20) \g /dev/null
select pg_temp.history('pgtap bad', 12, 'ERROR') \g /dev/null
select pg_temp.history('pgtap dead', 2, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') \g /dev/null
select pg_temp.history('pgtap cancelled', 20, 'CANCELLED') \g /dev/null
select pg_temp.history('pgtap half', 10) \g /dev/null
update outcomes set status = 'ERROR'
where key in (select key from workflows where workflow_id in ('pgtap half 1', 'pgtap half 2', 'pgtap half 3', 'pgtap half 4'));
set local timezone to 'UTC';

select results_eq(
  $$select kind, subject, since, detail, severity from alerts()$$,
  $$
    values
      ('dead letter', 'pgtap dead', timestamptz '2030-01-01 11:59+00',
        '2 whose worker died too often, the last one is pgtap dead 2', 'critical'),
      ('failing workflow', 'pgtap bad', '2030-01-01 11:49+00', '12 of the last 12 have failed', 'critical')
  $$
);
select results_eq(
  $$select subject, detail, severity from alerts(max_failures => 0.4) where kind = 'failing workflow' and subject <> 'pgtap bad'$$,
  $$values ('pgtap half', '4 of the last 10 have failed', 'warning')$$,
  'some'
);
select results_eq(
  $$select subject from alerts(min_ended => 2) where kind = 'failing workflow'$$,
  $$values ('pgtap bad'), ('pgtap dead')$$, 'a few are enough if asked for'
);
select set_eq(
  $$select kind || ' ' || subject from alerts(within => '90 seconds', min_ended => 1)$$,
  array['dead letter pgtap dead', 'failing workflow pgtap bad', 'failing workflow pgtap dead'], 'of late'
);
set local perdure.test_clock = '2030-01-01 14:00+00';
select is_empty($$select from alerts()$$, 'what is past is past');
select throws_ok($$select alerts(within => '0 seconds')$$, 'PD001', 'a bound of alerts is out of range');
select throws_ok($$select alerts(within => '300000 years')$$, 'PD001', 'a bound of alerts is out of range');
select throws_ok($$select alerts(max_failures => 2)$$, 'PD001', 'a bound of alerts is out of range');

select * from finish();
rollback;

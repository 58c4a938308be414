begin;
\ir ../_setup.inc
select plan(6);

select results_eq(
  $$select * from cron_ticks('0 9 * * mon', 'Europe/Berlin', '2026-03-22 12:00+00', 3)$$,
  $$values ('2026-03-23 08:00+00'::timestamptz), ('2026-03-30 07:00+00'), ('2026-04-06 07:00+00')$$
);
set local perdure.test_clock = '2030-01-01 12:30+00';
select results_eq(
  $$select * from cron_ticks('@hourly')$$,
  $$select timestamptz '2030-01-01 12:00+00' + i * interval '1 hour' from generate_series(1, 5) as i$$,
  'five from now on, unless something else is said'
);
select throws_ok($$select cron_ticks('@hourly', max_ticks => 0)$$, 'PD001', 'cannot tell 0 ticks');
select throws_ok($$select cron_ticks('@hourly', max_ticks => 1001)$$, 'PD001', 'cannot tell 1001 ticks');
select throws_ok($$select cron_ticks('@hourly', max_ticks => null)$$, 'PD001', 'cannot tell null ticks');
select throws_ok($$select cron_ticks('0 0 31 2 *')$$, 'PD001', 'the cron line ''0 0 31 2 *'' never fires');

select * from finish();
rollback;

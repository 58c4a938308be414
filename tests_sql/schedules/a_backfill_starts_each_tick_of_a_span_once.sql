begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(18);

set local perdure.test_clock = '2030-04-01 12:00+00';
select create_schedule('pgtap', 'w', '30 2 * * *', 'Europe/Berlin', 'pgtap', '7') \g /dev/null
select results_eq(
  $$select * from backfill_schedule('pgtap', '2030-03-30 01:30+00', '2030-04-01 00:30+00')$$,
  $$
    values ('sched-pgtap-2030-03-30T01:30:00+00:00', '2030-03-30 01:30+00'::timestamptz, true),
      ('sched-pgtap-2030-03-31T01:00:00+00:00', '2030-03-31 01:00+00'::timestamptz, true)
  $$,
  'with its beginning and without its end'
);
select is(
  (select input::text from get_workflow('sched-pgtap-2030-03-31T01:00:00+00:00')), '["2030-03-31T03:00:00+02:00", 7]'
);
select is(
  array(select created from backfill_schedule('pgtap', '2030-03-29+00', '2030-04-01 12:00+00')),
  '{t,f,f,t}', 'what was started is not started again'
);
select is(cardinality(pg_temp.started('pgtap')), 4);
select is(pg_temp.next('pgtap'), '2030-04-02 00:30+00', 'its ticks are as before');

-- A tick that fires has been backfilled, and the other way round.
set local perdure.test_clock = '2030-04-03 00:30+00';
select is((select count(*) from backfill_schedule('pgtap', '2030-04-02+00', '2030-04-03+00') where created), 1::bigint);
select is(fire_schedules(), 1, 'only the latest');
set local perdure.test_clock = '2030-04-03 12:00+00';
select is((select count(*) from backfill_schedule('pgtap', '2030-04-02+00', '2030-04-03 12:00+00') where created), 0::bigint);

-- In parts.
select is((select array_agg(extract(day from tick)::int) from backfill_schedule('pgtap', '2030-01-01+00', '2030-02-01+00', 10)), '{1,2,3,4,5,6,7,8,9,10}');
select is((select count(*) from backfill_schedule('pgtap', '2030-01-10 02:00+00', '2030-02-01+00', 50) where created), 21::bigint, 'the rest');
select is((select count(*) from backfill_schedule('pgtap', '2030-01-01 02:00+00', '2030-01-01 02:00+00')), 0::bigint, 'an empty span');

select throws_ok(
  format('select backfill_schedule(''pgtap'', %s)', span), 'PD001',
  'a backfill is from a moment of the past to a later one that is not in the future'
)
from unnest(array[
  'null, ''2030-01-01+00''', '''2030-01-01+00'', null', '''2030-01-02+00'', ''2030-01-01+00''',
  '''2030-01-01+00'', ''2030-04-03 12:00:00.000001+00''', '''-infinity'', ''2030-01-01+00'''
]) as span;
select throws_ok(
  $$select backfill_schedule('pgtap', '2030-01-01+00', '2030-01-02+00', 10001)$$, 'PD001', 'cannot backfill 10001 workflows'
);
select throws_ok($$select backfill_schedule('none', '2030-01-01+00', '2030-01-02+00')$$, 'PD020', 'schedule ''none'' does not exist');

select * from finish();
rollback;

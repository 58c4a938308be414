begin;
\ir ../_setup.inc
select plan(22);

set local perdure.test_clock = '2030-01-01 12:00+00';
select lives_ok($$select create_schedule('pgtap', 'w', '@daily')$$);
select results_eq(
  $$select schedule, workflow, cron, zone, queue, context::text, automatic_backfill, max_recovery_attempts, paused, next_at, last_at, created_at from list_schedules()$$,
  $$
    values ('pgtap', 'w', '@daily', 'UTC', 'default', null, false, 100, false,
      '2030-01-02+00'::timestamptz, null::timestamptz, '2030-01-01 12:00+00'::timestamptz)
  $$,
  'what it is unless said otherwise'
);
select throws_ok($$select create_schedule('pgtap', 'other', '@hourly')$$, 'PD021', 'schedule ''pgtap'' exists');
select is((select workflow from get_schedule('pgtap')), 'w', 'it stays as it is');

select throws_ok(
  format('select create_schedule(%s)', arguments), 'PD001', message, message
)
from (values
  ('null, ''w'', ''@daily''', 'schedule is empty'),
  ('repeat(''x'', 401), ''w'', ''@daily''', 'schedule is too long: 401 bytes'),
  ('repeat(''x'', 513), ''w'', ''@daily''', 'schedule is too long: 513 bytes'),
  ('''a'', '''', ''@daily''', 'workflow name is empty'),
  ('''a'', ''w'', null', 'cron line is empty'),
  ('''a'', ''w'', ''* * * *''', 'a cron line has 5 or 6 fields, not 4'),
  ('''a'', ''w'', ''@daily'', ''Mars/Base''', 'time zone ''Mars/Base'' is not known'),
  ('''a'', ''w'', ''@daily'', max_recovery_attempts => -1', 'max_recovery_attempts cannot be -1'),
  ('''a'', ''w'', ''@daily'', max_recovery_attempts => null', 'max_recovery_attempts cannot be null'),
  ('''a'', ''w'', ''@daily'', automatic_backfill => null', 'automatic_backfill is null'),
  ('''a'', ''w'', ''@daily'', queue => null', 'queue is empty')
) as g (arguments, message);
select throws_ok(
  $$select create_schedule('a', 'w', '@daily', queue => 'none')$$, 'PD007', 'queue ''none'' does not exist'
);
select lives_ok($$select create_schedule('a', 'w', '@daily', queue => 'none', create_queue => true)$$, 'unless it is to be made');
select lives_ok($$select create_schedule(repeat('ä', 200), 'w', '* * * * *', max_recovery_attempts => 0)$$, '400 bytes');
set local perdure.test_clock = '2030-01-01 12:01+00';
select is(fire_schedules(), 1, 'leave room for the rest of the id');

select lives_ok($$select delete_schedule('pgtap')$$);
select throws_ok($$select delete_schedule('pgtap')$$, 'PD020', 'schedule ''pgtap'' does not exist');
select throws_ok($$select get_schedule('pgtap')$$, 'PD020', 'schedule ''pgtap'' does not exist');

select * from finish();
rollback;

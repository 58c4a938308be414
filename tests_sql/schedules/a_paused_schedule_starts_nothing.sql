begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(16);

set local perdure.test_clock = '2030-01-01 12:00:30+00';
select create_schedule('pgtap', 'w', '*/5 * * * *', queue => 'pgtap', automatic_backfill => true) \g /dev/null
select lives_ok($$select pause_schedule('pgtap')$$);
select results_eq(
  $$select paused, next_at from get_schedule('pgtap')$$, $$values (true, null::timestamptz)$$
);
set local perdure.test_clock = '2030-01-01 12:12+00';
select is(fire_schedules(), 0);
select is((select next_lapse_in is null or next_lapse_in > '1 minute' from run_maintenance()), true, 'nor is it waited for');
select lives_ok($$select pause_schedule('pgtap')$$, 'again');
select is(trigger_schedule('pgtap', '2030-01-01 12:12+00'), 'sched-pgtap-trigger-2030-01-01T12:12:00+00:00', 'it can be triggered');
select is(
  (select count(*) from backfill_schedule('pgtap', '2030-01-01 12:00+00', '2030-01-01 12:05+00')), 1::bigint, 'and backfilled'
);

select is(resume_schedule('pgtap'), '2030-01-01 12:15+00', 'it goes on with the next tick');
select is(fire_schedules(), 0, 'what was missed meanwhile is not started');
set local perdure.test_clock = '2030-01-01 12:16+00';
select is(resume_schedule('pgtap'), '2030-01-01 12:15+00', 'one that is not paused keeps its tick');
select is(fire_schedules(), 1);
select is((select paused from get_schedule('pgtap')), false);

select throws_ok($$select pause_schedule('none')$$, 'PD020', 'schedule ''none'' does not exist');
select throws_ok($$select resume_schedule('none')$$, 'PD020', 'schedule ''none'' does not exist');
select throws_ok($$select pause_schedule('')$$, 'PD001', 'schedule is empty');
select throws_ok($$select resume_schedule(null)$$, 'PD001', 'schedule is empty');

select * from finish();
rollback;

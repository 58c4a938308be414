begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(9);

set local perdure.test_clock = '2030-01-01 12:34:56.789+00';
select create_schedule('pgtap', 'w', '0 2 * * *', 'America/New_York', 'pgtap', '"x"') \g /dev/null
select is(trigger_schedule('pgtap'), 'sched-pgtap-trigger-2030-01-01T12:34:56.789000+00:00');
select results_eq(
  $$select workflow, queue, input::text, status from get_workflow('sched-pgtap-trigger-2030-01-01T12:34:56.789000+00:00')$$,
  $$values ('w', 'pgtap', '["2030-01-01T07:34:56.789000-05:00", "x"]', 'ENQUEUED')$$
);
select is(trigger_schedule('pgtap', '2030-01-01 12:35+00'), 'sched-pgtap-trigger-2030-01-01T12:35:00+00:00');
select is(trigger_schedule('pgtap', '2030-01-01 12:35+00'), 'sched-pgtap-trigger-2030-01-01T12:35:00+00:00', 'again');
select is(cardinality(pg_temp.started('pgtap')), 2, 'starts nothing more');
select is(pg_temp.next('pgtap'), '2030-01-02 07:00+00', 'its ticks are as before');

select throws_ok($$select trigger_schedule('none')$$, 'PD020', 'schedule ''none'' does not exist');
select throws_ok($$select trigger_schedule('pgtap', 'infinity')$$, 'PD001', 'a schedule cannot be triggered at infinity');
update schedules set zone = 'Mars/Base';
select throws_ok($$select trigger_schedule('pgtap')$$, 'PD001', 'time zone ''Mars/Base'' is not known');

select * from finish();
rollback;

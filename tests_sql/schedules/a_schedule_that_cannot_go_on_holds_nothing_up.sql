begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(12);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select create_schedule(name, 'w', '* * * * *', queue => 'pgtap') from unnest('{a,b,c,d}'::text[]) as name \g /dev/null
-- A zone that a newer Postgres has left out, a line that a newer release does not read, and an id that is taken.
update schedules set zone = 'Mars/Base' where name = 'a';
update schedules set cron = '* * * * * * 2030' where name = 'b';
select enqueue('other', queue => 'pgtap', workflow_id => 'sched-c-2030-01-01T12:01:00+00:00') \g /dev/null

set local perdure.test_clock = '2030-01-01 12:01+00';
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 10)),
  '{sched-c-2030-01-01T12:01:00+00:00,sched-d-2030-01-01T12:01:00+00:00}'
);
select is((select workflow from get_workflow('sched-c-2030-01-01T12:01:00+00:00')), 'other');
select is(pg_temp.next(name), next::timestamptz, name)
from unnest('{a,b,c,d}'::text[], array[null, null, '2030-01-01 12:02+00', '2030-01-01 12:02+00']) as g (name, next);
select is((select bool_or(paused) from list_schedules()), false, 'they are not paused');

select throws_ok($$select resume_schedule('a')$$, 'PD001', 'time zone ''Mars/Base'' is not known');
select throws_ok($$select backfill_schedule('a', '2030-01-01+00', '2030-01-01 12:00+00')$$, 'PD001', 'time zone ''Mars/Base'' is not known');
update schedules set zone = 'UTC' where name = 'a';
select is(resume_schedule('a'), '2030-01-01 12:02+00', 'it goes on when its zone is there');
select results_eq(
  $$select outcome, next_at from apply_schedules('[{"schedule": "b", "workflow": "w", "cron": "* * * * *", "queue": "pgtap"}]')$$,
  $$values ('updated', '2030-01-01 12:02+00'::timestamptz)$$, 'or with another line'
);
update schedules set next_at = null where name = 'a';
select is(
  (select next_at from apply_schedules('[{"schedule": "a", "workflow": "w", "cron": "* * * * *", "queue": "pgtap"}]')),
  '2030-01-01 12:02+00', 'or when it is applied again'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(4);

set local perdure.test_clock = '2030-01-01 12:00:30+00';
select create_schedule('pgtap', 'pgtap', '* * * * *', queue => 'pgtap') \g /dev/null
select is_empty($$select from alerts() where kind = 'late schedule'$$, 'before its tick');
set local perdure.test_clock = '2030-01-01 12:02:01+00';
select results_eq(
  $$select subject, since, severity from alerts() where kind = 'late schedule'$$,
  $$values ('pgtap', timestamptz '2030-01-01 12:01+00', 'critical')$$
);
select fire_schedules() \g /dev/null
select is_empty($$select from alerts() where kind = 'late schedule'$$, 'when it was fired');
update schedules set next_at = null where name = 'pgtap';
select is(detail, 'it has no next tick: is time zone UTC still known?') from alerts() where kind = 'late schedule';

select * from finish();
rollback;

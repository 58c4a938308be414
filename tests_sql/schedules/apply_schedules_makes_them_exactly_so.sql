begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(25);

set local perdure.test_clock = '2030-01-01 12:00:30+00';
select create_schedule('other', 'w', '@daily') \g /dev/null
select results_eq(
  $$
    select * from apply_schedules('[
      {"schedule": "b", "workflow": "w", "cron": "*/5 * * * *"},
      {"schedule": "a", "workflow": "v", "cron": "0 2 * * *", "zone": "Europe/Berlin", "queue": "pgtap", "context": {"x": [1.0]},
        "automatic_backfill": true, "max_recovery_attempts": 5}
    ]')
  $$,
  $$values ('a', 'created', '2030-01-02 01:00+00'::timestamptz), ('b', 'created', '2030-01-01 12:05+00'::timestamptz)$$,
  'new ones'
);
select results_eq(
  $$select schedule, workflow, zone, queue, context::text, automatic_backfill, max_recovery_attempts from list_schedules()$$,
  $$
    values ('a', 'v', 'Europe/Berlin', 'pgtap', '{"x": [1.0]}', true, 5),
      ('b', 'w', 'UTC', 'default', null, false, 100),
      ('other', 'w', 'UTC', 'default', null, false, 100)
  $$,
  'others stay'
);

-- A tick is missed meanwhile.
set local perdure.test_clock = '2030-01-01 12:07+00';
select results_eq(
  $$
    select * from apply_schedules('[
      {"schedule": "a", "workflow": "v", "cron": "0 2 * * *", "zone": "Europe/Berlin", "queue": "pgtap", "context": {"x": [1.0]},
        "automatic_backfill": true, "max_recovery_attempts": 5},
      {"schedule": "b", "workflow": "w", "cron": "*/5 * * * *"}
    ]')
  $$,
  $$values ('a', 'unchanged', '2030-01-02 01:00+00'::timestamptz), ('b', 'unchanged', '2030-01-01 12:05+00'::timestamptz)$$,
  'the same ones keep their ticks'
);
select results_eq(
  $$select outcome, next_at from apply_schedules('[{"schedule": "b", "workflow": "u", "cron": "*/5 * * * *", "context": 1}]')$$,
  $$values ('updated', '2030-01-01 12:05+00'::timestamptz)$$,
  'also with another workflow or context'
);
select is(fire_schedules(), 1);
select results_eq(
  $$select workflow, input::text from get_workflow('sched-b-2030-01-01T12:05:00+00:00')$$,
  $$values ('u', '["2030-01-01T12:05:00+00:00", 1]')$$
);
select results_eq(
  $$select outcome, next_at from apply_schedules('[{"schedule": "b", "workflow": "u", "cron": "*/4 * * * *"}]')$$,
  $$values ('updated', '2030-01-01 12:08+00'::timestamptz)$$,
  'another line has ticks of its own'
);
select is((select context from get_schedule('b'))::text, null, 'what is left out is as for a new one');
select results_eq(
  $$select outcome, next_at from apply_schedules('[{"schedule": "b", "workflow": "u", "cron": "0 0 * * *", "zone": "Asia/Tokyo"}]')$$,
  $$values ('updated', '2030-01-01 15:00+00'::timestamptz)$$,
  'and so has another zone'
);
select results_eq(
  $$select last_at, created_at from get_schedule('b')$$,
  $$values ('2030-01-01 12:05+00'::timestamptz, '2030-01-01 12:00:30+00'::timestamptz)$$,
  'it is still the same schedule'
);

select pause_schedule('b') \g /dev/null
select results_eq(
  $$select outcome, next_at from apply_schedules('[{"schedule": "b", "workflow": "u", "cron": "* * * * *"}]')$$,
  $$values ('updated', null::timestamptz)$$,
  'one that is paused stays so'
);
select is(resume_schedule('b'), '2030-01-01 12:08+00');
select is((select count(*) from apply_schedules('[]')), 0::bigint, 'none is no error');

select throws_ok(format('select apply_schedules(%L)', schedules), 'PD001', message, message)
from (values
  (null, 'schedules are a JSON array of objects'),
  ('{}', 'schedules are a JSON array of objects'),
  ('[1]', 'a schedule is a JSON object, not 1'),
  ('[{"workflow": "w", "cron": "@daily"}]', 'schedule is empty'),
  ('[{"schedule": "c", "cron": "@daily"}]', 'workflow name is empty'),
  ('[{"schedule": "c", "workflow": "w"}]', 'cron line is empty'),
  ('[{"schedule": "c", "workflow": "w", "cron": "@daily", "color": 1}]', 'a schedule has no setting ''color'''),
  (
    '[{"schedule": "c", "workflow": "w", "cron": "@daily"}, {"schedule": "c", "workflow": "v", "cron": "@daily"}]',
    'schedule ''c'' is given twice'
  ),
  (
    '[{"schedule": "c", "workflow": "w", "cron": "@daily", "automatic_backfill": "perhaps"}]',
    'a setting of schedule ''c'' cannot be read: invalid input syntax for type boolean: "perhaps"'
  )
) as g (schedules, message);
select throws_ok(
  $$select apply_schedules('[{"schedule": "c", "workflow": "w", "cron": "@daily"}, {"schedule": "d", "workflow": "w", "cron": "@daily", "queue": "none"}]')$$,
  'PD007', 'queue ''none'' does not exist'
);
select is((select count(*) from list_schedules()), 3::bigint, 'all or nothing');
select is(
  (select outcome from apply_schedules('[{"schedule": "d", "workflow": "w", "cron": "@daily", "queue": "none"}]', create_queues => true)),
  'created', 'with its queue'
);

select * from finish();
rollback;

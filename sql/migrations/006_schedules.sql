-- Schedules: workflows that are started by the clock.

do $$
begin
if _migrate(6, 'schedules') then

-- A cron line, read: the numbers that each field allows, in order. Null where a day field is * or ?.
-- Among the days of the month 32 stands for the last one, and 100 + n for the weekday nearest to the nth;
-- among the days of the week 10 * n + d for the nth such day of the month, and 60 + d for the last.
create type cron_line as (
  seconds int[],
  minutes int[],
  hours int[],
  days int[],
  months int[],
  weekdays int[]
);

create table schedules (
  name text collate "C" primary key,
  workflow text not null,
  cron text not null,
  zone text not null,
  -- By name: one that is deleted is made again by the next tick.
  queue text collate "C" not null,
  context json,
  automatic_backfill boolean not null,
  max_recovery_attempts int not null,
  paused boolean not null default false,
  -- The next tick. Null while it is paused, or if its line cannot be reckoned any more.
  next_at timestamptz,
  -- When that was reckoned. If it is in the future, the clock has been set back.
  reckoned_at timestamptz not null,
  -- The tick that was fired last.
  last_at timestamptz,
  created_at timestamptz not null
) with (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 500
);

create index schedules_next on schedules (next_at) where next_at is not null;
create index schedules_reckoned on schedules (reckoned_at);

comment on table schedules is 'What the clock starts: one row a schedule.';

end if;
end
$$;

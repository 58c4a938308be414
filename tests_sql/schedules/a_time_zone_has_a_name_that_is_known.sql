begin;
\ir ../_setup.inc
select plan(29);

select lives_ok(format('select cron_next(''@daily'', %L, now())', zone), zone)
from unnest('{UTC,Europe/Berlin,America/New_York,America/Argentina/Buenos_Aires,Etc/GMT+12,Etc/GMT-14,GMT0,EST5EDT,W-SU,NZ-CHAT}'::text[]) as zone;

-- What Postgres takes for a zone of its own, or would read the wrong way round.
select throws_ok(
  format('select cron_next(''@daily'', %L, now())', zone), 'PD001', format('time zone %L is not known', zone)
)
from unnest('{Mars/Base,Europe/Berln,UTC+2,GMT+2,+02:00,-3,Europe/Berlin-3,CET-1CEST,<+02>-2,2}'::text[]) as zone;
select throws_ok($$select cron_next('@daily', '', now())$$, 'PD001', 'time zone is empty');
select throws_ok($$select cron_next('@daily', null, now())$$, 'PD001', 'time zone is empty');
select throws_ok($$select cron_next('@daily', repeat('x', 513), now())$$, 'PD001', 'time zone is too long: 513 bytes');

select is(cron_next('30 2 * * *', 'Asia/Kolkata', '2030-01-01 00:00+00'), '2030-01-01 21:00+00', 'half an hour');
select is(cron_next('0 0 * * *', 'Pacific/Kiritimati', '2030-01-01 09:59+00'), '2030-01-01 10:00+00', 'far east');
select is(cron_next('0 0 1 * *', 'Etc/GMT+12', '2030-01-01 11:00+00'), '2030-01-01 12:00+00', 'far west');
select is(cron_next('0 0 30 12 *', 'Pacific/Apia', '2011-12-29+00'), '2011-12-30 10:00+00', 'a day that a zone has skipped');
select is(cron_next('0 12 30 12 *', 'Pacific/Apia', '2011-12-30 10:00+00'), '2012-12-29 22:00+00', 'the year after');

set local timezone = 'America/New_York';
select is(
  cron_next('30 2 * * *', 'Europe/Berlin', '2030-03-30 12:00+00'), '2030-03-31 01:00+00', 'whatever the session''s zone'
);

select * from finish();
rollback;

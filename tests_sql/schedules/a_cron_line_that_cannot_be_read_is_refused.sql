begin;
\ir ../_setup.inc
select plan(72);

select throws_ok(
  format('select cron_next(%L, ''UTC'', now())', line), 'PD001', null, format('%L', line)
)
from unnest(array[
  '', '   ', 'x', '* * * *', '* * * * * * *', '@reboot', '@every 5m',
  '60 * * * *', '-1 * * * *', '1.5 * * * *', '1, * * * *', ',1 * * * *', '1,,2 * * * *', 'x * * * *', '*5 * * * *',
  '5* * * * *', '*-5 * * * *', '*/0 * * * *', '*/ * * * *', '*/-1 * * * *', '*/x * * * *', '*/5/5 * * * *', '1-2-3 * * * *',
  '0/0 * * * *', '1-60 * * * *', '99999999999999999999 * * * *', '*/99999999999999999999 * * * *', '? * * * *', 'L * * * *',
  '5-5 * * * *', '50-10/3 * * * *', '٣ * * * *', '1;2 * * * *',
  '* 24 * * *', '* ? * * *', '* mon * * *', '* 4-24 * * *', '* 5-5 * * *',
  '* * 0 * *', '* * 32 * *', '* * 0-5 * *', '* * mon * *', '* * ?,1 * *', '* * 0W * *', '* * 32W * *', '* * 15W,16 * *',
  '* * LW * *', '* * L-3 * *', '* * L/2 * *', '* * 31-L * *',
  '* * * 0 *', '* * * 13 *', '* * * january *', '* * * sun *',
  '* * * * 8', '* * * * jan', '* * * * L', '* * * * 5L', '* * * * 5#0', '* * * * 5#6', '* * * * 1,5#2', '* * * * 7-0',
  '* * 13 * 5#2', '* * 15W * fri'
]) as line;

-- What is said.
select throws_ok($$select cron_next(null, 'UTC', now())$$, 'PD001', 'cron line is empty');
select throws_ok($$select cron_next(repeat('*', 600), 'UTC', now())$$, 'PD001', 'cron line is too long: 600 bytes');
select throws_ok($$select cron_next('* * * *', 'UTC', now())$$, 'PD001', 'a cron line has 5 or 6 fields, not 4');
select throws_ok($$select cron_next('* 4,24 * * *', 'UTC', now())$$, 'PD001', 'a cron line cannot have ''24'' as hour');
select throws_ok(
  $$select cron_next('* * * * mon-foo', 'UTC', now())$$, 'PD001', 'a cron line cannot have ''mon-foo'' as day of the week'
);
select throws_ok(
  $$select cron_next('* * 13 * 5#2', 'UTC', now())$$, 'PD001',
  'a cron line cannot have W, # or L of a weekday beside another day field'
);
select throws_ok(
  $$select cron_next('* * * * *', 'UTC', 'infinity')$$, 'PD001', 'there is no tick after infinity'
);
select throws_ok($$select cron_next('* * * * *', 'UTC', null)$$, 'PD001', 'there is no tick after null');

select * from finish();
rollback;

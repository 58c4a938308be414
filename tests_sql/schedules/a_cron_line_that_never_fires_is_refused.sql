begin;
\ir ../_setup.inc
select plan(5);

select throws_ok(
  format('select cron_next(%L, ''Europe/Berlin'', now())', line), 'PD001',
  format('the cron line %L never fires', line)
)
from unnest(array['0 0 31 2 *', '0 0 30 feb *', '* * 31 4,6,9,11 *']) as line;
select throws_ok($$select create_schedule('pgtap', 'w', '0 0 31 2 *')$$, 'PD001', null, 'nor does it become a schedule');
select lives_ok($$select cron_next('0 0 31 2 mon', 'UTC', now())$$, 'the other day field may fire');

select * from finish();
rollback;

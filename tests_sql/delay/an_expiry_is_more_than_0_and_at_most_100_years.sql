begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(6);

select throws_ok(
  format($$select enqueue('pay', queue => 'pgtap', expires_in => %L)$$, expires_in),
  'PD001', format('an expiry after %s is out of range', said)
)
from (values
  ('0'::interval, '0 seconds'), ('-1 second', '-1 second'), ('100 years 1 day', '100 years 1 day')
) as e (expires_in, said);
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap', expires_in => '0')$$),
  'Give a span of more than 0 and at most 100 years.'
);
select lives_ok(format($$select enqueue('pay', queue => 'pgtap', expires_in => %L)$$, expires_in))
from unnest('{1 microsecond, 100 years}'::interval[]) as expires_in;

select * from finish();
rollback;

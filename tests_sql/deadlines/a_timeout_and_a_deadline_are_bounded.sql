begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(25);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
set local timezone = 'UTC';
create temp table calls as
select * from (values
  ($$enqueue('pgtap', queue => 'pgtap', %s)$$),
  ($$enqueue_many('pgtap', '{1}', 'pgtap', %s)$$),
  ($$debounce('pgtap', 'pgtap', '1 minute', queue => 'pgtap', %s)$$),
  (format('start(%s, %%L, %%%%s)', :worker))
) as c (call);
update calls set call = format(call, 'pgtap') where call ~ '^start';

select throws_ok(
  'select ' || format(call, format('timeout => %L', timeout)), 'PD001', format('a timeout of %s is out of range', timeout)
)
from calls, unnest('{0, -1 second, 100 years 1 day}'::interval[]) as timeout;
select throws_ok(
  'select ' || format(call, format('deadline => %L', deadline)), 'PD001', format('a deadline at %s is out of range', deadline)
)
from calls, unnest('{infinity, 2130-01-01 12:00:01+00}'::timestamptz[]) as deadline;
select is(
  pg_temp.hint($$select enqueue('pgtap', queue => 'pgtap', timeout => '0')$$),
  'Give a span of more than 0 and at most 100 years.'
);
select is(
  pg_temp.hint($$select enqueue('pgtap', queue => 'pgtap', deadline => '-infinity')$$), 'Give a moment within the next 100 years.'
);
select throws_ok(
  format($$select * from start_many(%s, '{pgtap, pgtap}', '{1, 2}', %s)$$, :worker, named), 'PD001',
  'the arrays given to start_many differ in length', named
)
from unnest(array[$$timeouts => '{1 hour}'$$, $$deadlines => '{2030-01-02}'$$]) as named;
select lives_ok(
  $$select enqueue('pgtap', queue => 'pgtap', timeout => '100 years', deadline => '2130-01-01 12:00+00')$$
);

select * from finish();
rollback;

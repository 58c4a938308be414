begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(19);

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', delay => '1 hour') \g /dev/null
select throws_ok(
  format(statement, delay), 'PD001', 'a delay of ' || said || ' is out of range', statement
)
from (values
    ('-1 microsecond'::interval, '-0.000001 seconds'), ('-1 day 23:59:55', '-5 seconds'), ('100 years 1 day', '100 years 1 day')
  ) as d (delay, said),
  (values
    ('select enqueue(''pay'', queue => ''pgtap'', delay => %L)'),
    ('select enqueue_many(''pay'', ''{1}'', ''pgtap'', delay => %L)'),
    ('select set_delay(''pgtap a'', %L)')
  ) as v (statement);
select throws_ok($$select set_delay('pgtap a', null)$$, 'PD001', 'a delay of null is out of range');
select is(pg_temp.hint(statement), 'Give a delay of 0 to 100 years.', statement)
from unnest(array[
  'select enqueue(''pay'', queue => ''pgtap'', delay => ''-1 day'')', 'select set_delay(''pgtap a'', ''-1 day'')'
]) as statement;
select lives_ok(format(statement, delay))
from unnest('{0, 100 years}'::interval[]) as delay,
  (values
    ('select enqueue(''pay'', queue => ''pgtap'', delay => %L)'),
    ('select enqueue_many(''pay'', ''{1}'', ''pgtap'', delay => %L)'),
    ('select set_delay(''pgtap a'', %L)')
  ) as v (statement);
select lives_ok($$select enqueue('pay', queue => 'pgtap', delay => null)$$);

select * from finish();
rollback;

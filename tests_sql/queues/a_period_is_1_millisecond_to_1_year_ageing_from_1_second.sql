begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(24);

create temp table periods (name text, least interval, besides text);
insert into periods values
  ('rate_period', '1 millisecond', ', rate_limit => 1'),
  ('partition_rate_period', '1 millisecond', ', partitioned => true, partition_rate_limit => 1'),
  ('priority_ageing', '1 second', '');

select throws_ok(
  format('select register_queue(%L, %s => %L%s)', 'pgtap period', name, period, besides),
  'PD001', format('%s of queue ''pgtap period'' cannot be %s', name, _span(period)), format('%s %s', name, period)
)
from periods, unnest(array[
  '0', '-1 second', least - interval '1 microsecond', '1 year 1 microsecond'
]::interval[]) as period
order by name, period;
select lives_ok(
  format('select register_queue(%L, %s => %L%s)', format('pgtap %s %s', name, period), name, period, besides),
  format('%s %s', name, period)
)
from periods, unnest(array[least, '1 year']::interval[]) as period
order by name, period;
select is(
  pg_temp.hint(format($$select register_queue('pgtap period', priority_ageing => %L)$$, period)),
  'Give 1 second to 1 year.'
)
from unnest('{0, -1 day, 1000000 years}'::interval[]) as period;
select is(
  pg_temp.hint(format($$select register_queue('pgtap period', rate_limit => 1, rate_period => %L)$$, period)),
  'Give 1 millisecond to 1 year.'
)
from unnest('{0, -1 day, 1000000 years}'::interval[]) as period;

select * from finish();
rollback;

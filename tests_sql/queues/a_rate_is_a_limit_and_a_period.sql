begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(7);

select throws_ok(
  format($$select register_queue('pgtap rate', %s)$$, setting),
  'PD001', 'a rate of queue ''pgtap rate'' is not complete', setting
)
from unnest(array[
  'rate_limit => 1', 'rate_period => ''1 second''', 'partitioned => true, partition_rate_limit => 1',
  'partitioned => true, partition_rate_period => ''1 second'''
]) as setting;
select is(
  pg_temp.hint($$select register_queue('pgtap rate', rate_limit => 1)$$),
  'A rate is a limit and a period: give both, or neither.'
);

select register_queue('pgtap rate', rate_limit => 1, rate_period => '1 second') \g /dev/null
select throws_ok(
  format($$select update_queue('pgtap rate', '{%s: null}')$$, to_json(setting)), 'PD001', null, setting || ' taken away'
)
from unnest('{rate_limit, rate_period}'::text[]) as setting;

select * from finish();
rollback;

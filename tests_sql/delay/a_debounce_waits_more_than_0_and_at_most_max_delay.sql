begin;
\ir ../_setup.inc
select plan(9);

select throws_ok(
  format($$select debounce('pay', 'key', %L, queue => 'pgtap', max_delay => %L)$$, delay, max_delay),
  'PD001', null, format('delay %s, max_delay %s', coalesce(delay, 'null'), coalesce(max_delay, 'null'))
)
from (values
  (null, null), ('0', null), ('-1 second', null), ('101 years', null), ('1 minute', '59 seconds'),
  ('1 minute', '0'), ('1 minute', '101 years'), ('1 minute', '1000000 years')
) as v (delay, max_delay);
select lives_ok($$select debounce('pay', 'key', '1 minute', queue => 'pgtap', max_delay => '1 minute')$$);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(9);

select throws_ok(
  format($$select register_executor('pgtap', %L)$$, lease), 'PD001', null, coalesce(lease, 'null')
)
from unnest('{999 milliseconds, 0, -1 second, 1 day 1 microsecond, 1 month, null}'::text[]) as lease;
select lives_ok(format($$select register_executor('pgtap', %L)$$, lease), lease)
from unnest('{1 second, 1 day, 24 hours}'::text[]) as lease;

select * from finish();
rollback;

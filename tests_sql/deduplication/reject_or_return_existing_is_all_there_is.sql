begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(4);

select throws_ok(
  format($$select enqueue('pay', queue => 'pgtap', on_duplicate => %L)$$, on_duplicate),
  'PD001', format('on_duplicate cannot be %L', on_duplicate)
)
from unnest('{ignore, Reject, NULL}'::text[]) as on_duplicate;
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap', on_duplicate => 'ignore')$$),
  'Give ''reject'' or ''return_existing''.'
);

select * from finish();
rollback;

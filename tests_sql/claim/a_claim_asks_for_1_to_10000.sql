begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as worker \gset
select throws_ok(
  format($$select claim(%s, array['pgtap'], %L)$$, :worker, many), 'PD001', null, coalesce(many::text, 'null')
)
from unnest('{0, -1, 10001, null}'::int[]) as many;
select lives_ok(format($$select claim(%s, array['pgtap'], 10000)$$, :worker), '10000');
select lives_ok(format($$select claim(%s, array['pgtap'], 1)$$, :worker), '1');

select * from finish();
rollback;

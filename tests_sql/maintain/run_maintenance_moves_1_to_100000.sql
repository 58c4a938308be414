begin;
\ir ../_setup.inc
select plan(6);

select throws_ok(format($$select run_maintenance(%L)$$, many), 'PD001', null, coalesce(many::text, 'null'))
from unnest('{0, -1, 100001, null}'::int[]) as many;
select lives_ok(format($$select run_maintenance(%s)$$, many), many::text) from unnest('{1, 100000}'::int[]) as many;

select * from finish();
rollback;

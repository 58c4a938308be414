begin;
\ir ../_setup.inc
select plan(7);

select pg_temp.worker() as worker \gset
create temp table run as
select d as delay, verb, r.*
from unnest('{null, 0, -1 hour}'::interval[]) as d, unnest('{suspend, release}'::text[]) as verb,
  pg_temp.running(:worker, format('pgtap %s %s', verb, d)) as r;

select case verb when 'suspend' then suspend(key, token, delay) else release(key, token, delay) end
from run \g /dev/null
select results_eq(
  format(
    $$select status, attempts, wake_at, executor from get_workflow('pgtap %s %s')$$, verb, delay
  ),
  $$values ('ENQUEUED', 0, null::timestamptz, null::text)$$,
  format('%s %s', verb, coalesce(delay::text, 'null'))
)
from run;
select suspend(workflow_key, token) from claim(:worker, array['pgtap'], 10) \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap'], 10)), 6::bigint, 'the delay may be left out');

select * from finish();
rollback;

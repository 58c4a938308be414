-- As with the functions of a worker: 100 workflows are moved, for at most 50 rows each, while
-- 100,000 wait in the queue and 20,000 for their moment.
begin;
\ir ../_setup.inc
select plan(48);

\ir _backlog.inc
insert into hot (what, statement, fresh) values
  ('suspend_many', $$
    select suspend_many(keys, tokens, array_fill(interval '-1 second', '{100}')) from run
  $$, true),
  ('get_workflow', $$select get_workflow(ids[i]) from run, generate_series(1, 100) as i$$, false),
  ('get_result', $$select get_result(ids[i]) from run, generate_series(1, 100) as i$$, false),
  ('get_results', $$select get_results(ids) from run$$, false),
  ('suspend_many for a while', $$
    select suspend_many(keys, tokens, array_fill(interval '1 minute', '{100}')) from run
  $$, true),
  ('_wake_due', $$select set_config('perdure.test_clock', (now() + interval '1 hour')::text, true), _wake_due(100)$$, false),
  ('claim of woken ones', $$
    select set_config('perdure.test_clock', '', true), claim(worker, array['pgtap'], 100) from run
  $$, false),
  ('release_many', $$select release_many(keys, tokens) from run$$, true),
  ('reconcile', $$select reconcile(worker, '{}') from run$$, true),
  ('deregister_executor', $$select deregister_executor(worker) from run$$, true),
  ('run_maintenance', $$select pg_temp.lapse(worker), run_maintenance(100) from run$$, true),
  ('lost_workflows', $$select lost_workflows(keys, tokens) from run$$, true),
  ('_next_moment', $$select _next_moment()$$, false),
  ('_deadlines', $$select _deadlines(keys) from run$$, false),
  ('_time_out_due', $$
    with due as (update tasks set deadline = '2000-01-01' from run where key = any (keys) returning 1)
    select count(*) from due
  $$, false),
  ('_time_out_due', $$select _time_out_due(100)$$, false),
  ('run_maintenance with nothing to do', $$select run_maintenance(100)$$, false);
select pg_temp.measure_all() \g /dev/null

select cmp_ok(max(cost), '<=', 5000::bigint, what || ', ' || stage)
from measured
group by what, stage
order by what, stage;

select * from finish();
rollback;

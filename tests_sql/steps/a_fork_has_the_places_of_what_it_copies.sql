begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select record_step(key, token, g.step, 'charge', '1') from run, generate_series(1, 2) as g (step) \g /dev/null
select fail_step(key, token, 3, 'mail', '"once"', 1, 3), record_step(key, token, 4, 'ship', '1') from run \g /dev/null
select place_steps(array_agg(key), array_agg(token), array_agg(g.step), array_agg('1:' || g.step))
from run, generate_series(2, 6) as g (step) \g /dev/null
select fork('pgtap a', 4, new_workflow_id => 'pgtap fork') \g /dev/null
select results_eq(
  $$select p.step, p.place collate "default" from places p join workflows using (key) where workflow_id = 'pgtap fork' order by 1$$,
  $$values (2, '1:2')$$,
  'what has not completed the fork does itself'
);
select finish(key, token) from run \g /dev/null
select delete_workflows('{pgtap a}') \g /dev/null
select is_empty($$select from places p join run using (key)$$, 'what is deleted leaves none');

select * from finish();
rollback;

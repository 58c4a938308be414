begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(3);

select register_version('pgtap v1', application => 'pgtap shop') \g /dev/null
update executors set application = 'pgtap shop' where executor_id = :v1;
select register_queue('pgtap shop') \g /dev/null
select enqueue('pgtap', queue => g.queue, workflow_id => g.queue || ' a')
from (values ('pgtap'), ('pgtap shop')) as g (queue) \g /dev/null

select is(pg_temp.claimed(:v1, queue => 'pgtap shop'), array['pgtap shop a'], 'the older version of another application');
select is(pg_temp.claimed(:v2), array['pgtap a']);
select results_eq(
  $$select application, app_version, latest, executors from list_versions('pgtap shop')$$,
  $$values ('pgtap shop', 'pgtap v1', true, 1::bigint)$$
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(4);

select register_queue('pgtap two', concurrency => 2) \g /dev/null
select register_queue('pgtap rate', rate_limit => 2, rate_period => '1 hour') \g /dev/null
select enqueue('pgtap', queue => q.queue, workflow_id => q.queue || ' ' || v.version || i, app_version => 'pgtap ' || v.version)
from unnest('{pgtap two,pgtap rate}'::text[]) as q (queue), generate_series(1, 2) as i, unnest('{v1,v2}'::text[]) as v (version)
order by q.queue, i, v.version \g /dev/null

select is(pg_temp.claimed(:v1, 1, 'pgtap two') || pg_temp.claimed(:v2, 2, 'pgtap two'), array['pgtap two v11', 'pgtap two v21']);
select is(pg_temp.claimed(:none, 2, 'pgtap two'), '{}'::text[], 'it is full for all');
select is(pg_temp.claimed(:v2, 2, 'pgtap rate'), array['pgtap rate v21', 'pgtap rate v22']);
select is(pg_temp.claimed(:v1, 2, 'pgtap rate'), '{}'::text[], 'so is the period');

select * from finish();
rollback;

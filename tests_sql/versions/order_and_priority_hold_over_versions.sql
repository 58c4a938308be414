begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(9);

-- Ten by turns of v2 and of none, in a plain queue and in one with limits, three of v2 first by priority.
select register_queue('pgtap limited', concurrency => 50) \g /dev/null
select register_queue('pgtap parts', partitioned => true, partition_concurrency => 50) \g /dev/null
select enqueue('pgtap', queue => g.queue, workflow_id => g.queue || ' ' || i, priority => case when i in (6, 8, 10) then -1 else 0 end,
  app_version => case when i % 2 = 0 then 'pgtap v2' end, partition_key => case g.queue when 'pgtap parts' then 'x' end)
from unnest('{pgtap,pgtap limited,pgtap parts}'::text[]) as g (queue), generate_series(1, 10) as i
order by g.queue, i \g /dev/null

select is(pg_temp.claimed(:v2, 5, g.queue), array(select g.queue || ' ' || i from unnest('{6,8,10,1,2}'::int[]) as i), g.queue)
from unnest('{pgtap,pgtap limited,pgtap parts}'::text[]) as g (queue) order by g.queue;
select is(pg_temp.claimed(:none, 1, g.queue), array[g.queue || ' 3'], g.queue || ', without version')
from unnest('{pgtap,pgtap limited,pgtap parts}'::text[]) as g (queue) order by g.queue;
select is(pg_temp.claimed(:v2, 100, g.queue), array(select g.queue || ' ' || i from unnest('{4,5,7,9}'::int[]) as i), g.queue || ', the rest')
from unnest('{pgtap,pgtap limited,pgtap parts}'::text[]) as g (queue) order by g.queue;

select * from finish();
rollback;

-- 100 workflows are deleted or exported, retention has nothing to do, and alerts are asked for, while 100,000
-- wait and 200,000 have ended: for so many rows that neither plays a part.
begin;
\ir ../_setup.inc
select plan(18);

\ir _backlog.inc
select set_retention(max_age => '1 day') \g /dev/null
select set_retention('pgtap other', max_count => 1000000) \g /dev/null
-- Its count has been made; nothing has ended since.
create function pg_temp.counted()
returns void
language sql
as $$
  update retention r
  set newest_at = o.completed_at, newest_key = o.key, counting_at = null
  from (select * from outcomes where completed_at <= 'infinity' order by completed_at desc, key desc limit 1) as o
$$;
-- The 100 have ended long ago, and the sweep begins anew.
create function pg_temp.aged()
returns void
language sql
as $$
  select count(*) from run, lateral finish_many(keys, tokens, array_fill('1'::json, '{100}'));
  update outcomes set completed_at = '2000-01-01' from run where key = any (keys);
  update retention set swept_at = '-infinity', swept_key = 0;
$$;
insert into hot (what, statement, fresh) values
  ('export_workflow', $$select export_workflow(ids[i]) from run, generate_series(1, 100) as i$$, true),
  ('finish_many', $$select finish_many(keys, tokens, array_fill('1'::json, '{100}')) from run$$, false),
  ('delete_workflows', $$select delete_workflows(ids, children => true) from run$$, false),
  ('alerts', $$select count(*) from alerts()$$, false),
  ('retention', $$select pg_temp.counted(), _apply_retention(1000)$$, false),
  ('retention that removes', $$select pg_temp.aged(), pg_temp.counted(), _apply_retention(1000)$$, true);
select pg_temp.measure_all() \g /dev/null

select cmp_ok(
  max(cost), '<=', case what when 'alerts' then 25000 when 'retention' then 100 when 'retention that removes' then 10000 else 5000 end::bigint, what || ', ' || stage
)
from measured
group by what, stage
order by what, stage;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

-- Since Postgres 17 an interval may be infinite; before, the nearest is a period of 178,000,000 years.
select case when current_setting('server_version_num')::int < 170000 then '178000000 years' else 'infinity' end as endless
\gset
select throws_ok(
  format('select register_queue(%L, %s => %L%s)', 'pgtap period', name, :'endless', besides),
  'PD001', 'a period of queue ''pgtap period'' is out of range', name
)
from (values
  ('rate_period', ', rate_limit => 1'),
  ('partition_rate_period', ', partitioned => true, partition_rate_limit => 1')
) as p (name, besides);

select * from finish();
rollback;

-- 40,000 starts that count and 20,000 that do not, of 400 partitions.
begin;
\ir ../_setup.inc
select plan(4);

create function pg_temp.rows_read()
returns bigint
language sql
as $$
  select sum(
    pg_stat_get_xact_tuples_fetched(c.oid)
    + case when c.relkind = 'r' then pg_stat_get_xact_tuples_returned(c.oid) else 0 end
  )
  from pg_class c
  where c.relnamespace = (select t.relnamespace from pg_class t where t.oid = 'tasks'::regclass)
    and c.relkind in ('r', 'i')
$$;

create function pg_temp.maintained()
returns bigint
language plpgsql
as $$
declare
  v_before bigint := pg_temp.rows_read();
begin
  perform run_maintenance();
  return pg_temp.rows_read() - v_before;
end
$$;

select register_queue('pgtap tenants', partitioned => true, partition_rate_limit => 1000,
  partition_rate_period => '1 hour') \g /dev/null
select queue_id from queues where name = 'pgtap tenants' \gset
insert into lanes (queue_id, partition_key) select :queue_id, i::text from generate_series(1, 400) as i;
insert into starts (queue_id, lane_id, started_at, total, many)
select queue_id, lane_id, now() - i * interval '30 seconds', 151 - i, 1
from lanes, generate_series(1, 100) as i
where queue_id = :queue_id;
analyze starts;

select cmp_ok(max(pg_temp.maintained()), '<=', 4000::bigint, 'what counts is not looked at')
from generate_series(1, 7);
select is(count(*), 40000::bigint, 'and stays') from starts where queue_id = :queue_id;

insert into starts (queue_id, lane_id, started_at, total, many)
select queue_id, lane_id, now() - interval '2 hours' - i * interval '30 seconds', 51 - i, 1
from lanes, generate_series(1, 50) as i
where queue_id = :queue_id;
select cmp_ok(
  max(pg_temp.maintained()), '<=', 10000::bigint + 40000, 'ten thousand are removed by one call at the most'
)
from generate_series(1, 7);
-- Each call looks at the lanes after one that is drawn by lot.
create function pg_temp.calls_until_all_is_removed()
returns int
language plpgsql
as $$
begin
  for v_call in 1 .. 200 loop
    if (select count(*) from starts where queue_id = (select queue_id from queues where name = 'pgtap tenants')) = 40400 then
      return v_call;
    end if;
    perform run_maintenance();
  end loop;
end
$$;
select cmp_ok(pg_temp.calls_until_all_is_removed(), '<=', 100, 'the rest goes call by call; of each lane one start stays');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(10);

create function pg_temp.kept(queue text)
returns text[]
language sql
as $$
  select array_agg(format('%s: %s', s.lane_id > 0, s.total) order by s.lane_id, s.total)
  from starts s
  join queues q using (queue_id)
  where q.name = kept.queue
$$;

create function pg_temp.claimed_at(executor bigint, queue text, moment text, many int default 1)
returns bigint
language plpgsql
as $$
begin
  perform set_config('perdure.test_clock', moment || '+00', true);
  return (select count(*) from claim(executor, array[queue], many));
end
$$;

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', rate_limit => 4, rate_period => '1 minute') \g /dev/null
select register_queue('pgtap tenants', partitioned => true, partition_rate_limit => 9,
  partition_rate_period => '1 minute') \g /dev/null
set local perdure.test_clock = '2030-01-01 11:00+00';
select enqueue_many('pgtap', array_fill('1'::json, '{20}'), 'pgtap orders') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{20}'), 'pgtap tenants',
  partition_keys => array_fill('a'::text, '{20}')) \g /dev/null
select pg_temp.claimed_at(:worker, queue, '2030-01-01 12:00:' || second)
from unnest('{00, 20, 40}'::text[]) as second, unnest('{pgtap orders, pgtap tenants}'::text[]) as queue \g /dev/null
select is(pg_temp.kept('pgtap orders'), '{f: 1, f: 2, f: 3}');
select is(pg_temp.kept('pgtap tenants'), '{f: 1, f: 2, f: 3, t: 1, t: 2, t: 3}');
select is((select count(*) from turns), 3::bigint);

set local perdure.test_clock = '2030-01-01 12:02:20+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap orders'), '{f: 1, f: 2, f: 3}', 'what a claim under way may count from stays: a minute more than the period');
set local perdure.test_clock = '2030-01-01 12:02:20.000001+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap orders'), '{f: 2, f: 3}');
select is(pg_temp.kept('pgtap tenants'), '{f: 2, f: 3, t: 2, t: 3}');
select is((select count(*) from turns), 1::bigint, 'the last turn');
select is(pg_temp.claimed_at(:worker, 'pgtap orders', '2030-01-01 12:01:30', 10), 3::bigint, 'the rate is exact as before');

set local perdure.test_clock = '2030-01-02 12:00+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap orders'), '{f: 6}', 'of a queue at rest the newest is kept');
select is(pg_temp.claimed_at(:worker, 'pgtap orders', '2030-01-02 12:00:00', 10), 4::bigint);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(11);

create function pg_temp.claimed_at(executor bigint, moment text, many int default 10)
returns text
language plpgsql
as $$
begin
  perform set_config('perdure.test_clock', moment || '+00', true);
  return pg_temp.claimed(executor, many);
end
$$;

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select register_queue('pgtap tenants', rate_limit => 5, rate_period => '1 hour', partitioned => true,
  partition_rate_limit => 2, partition_rate_period => '1 minute') \g /dev/null
select pg_temp.put('a', 10), pg_temp.put('b', 1) \g /dev/null

select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:00', 1), 'a');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:30'), 'a b', 'in a batch as one by one');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:00'), '', 'both ends of a period count');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:00.000001'), 'a');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:30'), '');
select pg_temp.put('b', 5) \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:30'), 'b', 'the fifth of the queue');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:59:00'), '', 'no more of all partitions than the queue allows');
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00:00.000001'), 'a', 'an hour after the first');

select update_queue('pgtap tenants', '{"rate_limit": null, "rate_period": null}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00:01'), 'a b b', 'without the rate of the queue');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:30:00'), '', 'a step back');
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:01:02', 2), 'a b', 'when the clock has caught up');

select * from finish();
rollback;

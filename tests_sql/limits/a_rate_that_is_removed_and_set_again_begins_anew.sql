begin;
\ir ../_setup.inc
select plan(8);

create function pg_temp.claimed_at(executor bigint, moment text, queue text)
returns bigint
language plpgsql
as $$
begin
  perform set_config('perdure.test_clock', moment || '+00', true);
  return (select count(*) from claim(executor, array[queue], 10));
end
$$;

select pg_temp.worker() as worker \gset
select register_queue('pgtap one', rate_limit => 2, rate_period => '1 minute') \g /dev/null
select register_queue('pgtap each', partitioned => true, rate_limit => 4, rate_period => '1 minute',
  partition_rate_limit => 2, partition_rate_period => '1 minute') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('pgtap', array_fill('1'::json, '{20}'), 'pgtap one') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{20}'), 'pgtap each', partition_keys => array_fill('a'::text, '{20}'))
\g /dev/null

-- The clock was wrong for a moment.
select pg_temp.claimed_at(:worker, '2040-01-01 12:00', 'pgtap one'), pg_temp.claimed_at(:worker, '2040-01-01 12:00', 'pgtap each')
\g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap one'), 0::bigint, 'nothing until 2040');
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap each'), 0::bigint);

select update_queue('pgtap one', '{"rate_limit": null, "rate_period": null}') \g /dev/null
select update_queue('pgtap one', '{"rate_limit": 3, "rate_period": "1 minute"}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap one'), 3::bigint, 'begun anew');
select update_queue('pgtap each', '{"partition_rate_limit": null, "partition_rate_period": null}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap each'), 2::bigint, 'what is left of the other rate');
select update_queue('pgtap each', '{"rate_limit": null, "rate_period": null}') \g /dev/null
select update_queue('pgtap each', '{"partition_rate_limit": 3, "partition_rate_period": "1 minute"}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap each'), 3::bigint, 'that of partitions');
select update_queue('pgtap each', '{"concurrency": 100}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap each'), 0::bigint, 'another change forgets no start');


-- The starts of the queue order those of its partitions: they go when neither has a rate.
select pg_temp.claimed_at(:worker, '2040-01-01 13:00', 'pgtap each') \g /dev/null
select update_queue('pgtap each', '{"rate_limit": 4, "rate_period": "1 minute"}') \g /dev/null
select update_queue('pgtap each', '{"rate_limit": null, "rate_period": null}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap each'), 0::bigint, 'the partitions have their rate still');
select update_queue('pgtap each', '{"partition_rate_limit": null, "partition_rate_period": null}') \g /dev/null
select update_queue('pgtap each', '{"rate_limit": 2, "rate_period": "1 minute"}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:00', 'pgtap each'), 2::bigint, 'the last one is gone');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(12);

create function pg_temp.claimed_at(executor bigint, moment text)
returns bigint
language plpgsql
as $$
begin
  perform set_config('perdure.test_clock', moment || '+00', true);
  return (select count(*) from claim(executor, array['pgtap orders'], 10));
end
$$;

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', rate_limit => 5, rate_period => '1 minute') \g /dev/null
set local perdure.test_clock = '2030-01-01 11:00+00';
select enqueue_many('pgtap', array_fill('1'::json, '{2}'), 'pgtap orders') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:00'), 2::bigint, 'two that wait');
select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap orders') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:20'), 3::bigint, 'three are left');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:20'), 0::bigint, 'none at the same moment');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:59.999999'), 0::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:00'), 0::bigint, 'both ends of a period count');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:00.000001'), 2::bigint, 'the first two have left the period');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:20'), 0::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:20.000001'), 3::bigint, 'and the other three');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:40'), 0::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:10:00'), 5::bigint, 'after a rest, no more than in any period');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:10:00'), 0::bigint);

select is_empty(
  $$
    select a.started_at, count(*)
    from (select distinct started_at from tasks where started_at is not null) as a
    join tasks b on b.started_at between a.started_at and a.started_at + interval '1 minute'
    where b.queue_id = (select queue_id from queues where name = 'pgtap orders')
    group by a.started_at
    having count(*) > 5
  $$,
  'so say the moments of their starts'
);

select * from finish();
rollback;

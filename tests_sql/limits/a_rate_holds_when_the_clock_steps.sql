begin;
\ir ../_setup.inc
select plan(10);

create function pg_temp.claimed_at(executor bigint, moment text, many int default 10)
returns bigint
language plpgsql
as $$
begin
  perform set_config('perdure.test_clock', moment || '+00', true);
  return (select count(*) from claim(executor, array['pgtap orders'], many));
end
$$;

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', rate_limit => 5, rate_period => '1 minute') \g /dev/null
set local perdure.test_clock = '2030-01-01 11:00+00';
select enqueue_many('pgtap', array_fill('1'::json, '{100}'), 'pgtap orders') \g /dev/null

select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:00', 3), 3::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 11:59:00'), 2::bigint, 'a step back: what is left of the rate');
select is(pg_temp.claimed_at(:worker, '2030-01-01 11:59:30'), 0::bigint, 'no more before the clock has caught up');
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00:30'), 0::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:00'), 0::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:01:01', 1), 1::bigint, 'then as ever');
select is(pg_temp.claimed_at(:worker, '2030-01-01 15:00:00'), 5::bigint, 'a step forward');
select is(pg_temp.claimed_at(:worker, '2030-01-01 15:01:00'), 0::bigint);

-- The moments that are written run on, whatever the clock says.
select is(
  (
    select array_agg(s.started_at order by s.total)
    from starts s
    join queues q using (queue_id)
    where q.name = 'pgtap orders'
  ),
  '{2030-01-01 12:00:00+00, 2030-01-01 12:00:00.000001+00, 2030-01-01 12:01:01+00, 2030-01-01 15:00:00+00}'::timestamptz[]
);
select is_empty(
  $$
    select a.started_at, count(*)
    from (select distinct started_at from tasks where started_at is not null) as a
    join tasks b on b.started_at between a.started_at and a.started_at + interval '1 minute'
    where b.queue_id = (select queue_id from queues where name = 'pgtap orders')
    group by a.started_at
    having count(*) > 5
  $$,
  'no period holds more than the rate'
);

select * from finish();
rollback;

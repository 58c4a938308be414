-- Starts before the old period are pruned: they must not be taken for starts within the new one.
begin;
\ir ../_setup.inc
select plan(5);

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

select is(pg_temp.claimed_at(:worker, '2030-01-01 12:00'), 5::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:02', 2), 2::bigint);
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:04', 2), 2::bigint);
delete from starts where started_at < '2030-01-01 12:02+00';

select update_queue('pgtap orders', '{"rate_period": "1 hour"}') \g /dev/null
select is(pg_temp.claimed_at(:worker, '2030-01-01 12:05'), 1::bigint, 'four of the five are remembered');
select is(pg_temp.claimed_at(:worker, '2030-01-01 13:03'), 2::bigint, 'and end with their hour');

select * from finish();
rollback;

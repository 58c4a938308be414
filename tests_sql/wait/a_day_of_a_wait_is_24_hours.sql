begin;
\ir ../_setup.inc
select plan(6);

-- In that night the clocks of Berlin skip an hour.
set local timezone = 'Europe/Berlin';
set local perdure.test_clock = '2030-03-30 12:00+00';

select pg_temp.worker() as worker \gset
select key as a, token as a_token from pg_temp.running(:worker, 'pgtap a') \gset
select key as b, token as b_token from pg_temp.running(:worker, 'pgtap b') \gset
select key as c, token as c_token from pg_temp.running(:worker, 'pgtap c') \gset

create function pg_temp.sleeps_for(bigint)
returns interval
language sql
as $$
  select wake_at - _now() from tasks where key = $1
$$;

select outcome from sleep_many(array[:a], array[:a_token], array[1], array[interval '1 day'], array[true]) \g /dev/null
select is(retry_at - _now(), '24 hours', 'a sleep') from steps where key = :a;
select is(pg_temp.sleeps_for(:a), '24 hours', 'which it leaves its worker for');

select outcome from recv_many(array[:b], array[:b_token], array[1], array[''], array[interval '1 day'], array[true])
\g /dev/null
select is(retry_at - _now(), '24 hours', 'a wait for a message') from steps where key = :b;
select is(pg_temp.sleeps_for(:b), '24 hours', 'which it leaves its worker for');

select suspend(:c, :c_token, '1 day') \g /dev/null
select is(pg_temp.sleeps_for(:c), '24 hours', 'and whatever a worker puts it down for');

select register_executor('pgtap day', '1 day') as day \gset
select is(lease::text, '24:00:00', 'a lease') from executors where executor_id = :day;

select * from finish();
rollback;

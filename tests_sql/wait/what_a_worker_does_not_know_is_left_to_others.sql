-- About five seconds, so that it is not claimed here over and over; not the same for each.
begin;
\ir ../_setup.inc
select plan(7);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select enqueue_many('pgtap', array_fill('1'::json, array[10]), 'pgtap') \g /dev/null
create temp table run as select * from claim(:worker, array['pgtap'], 10);

select is_empty(
  $$select release_many(array_agg(workflow_key), array_agg(token), to_others => true) from run where attempt = 1$$
);
create function pg_temp.delays()
returns setof interval
language sql
as $$
  select t.wake_at - timestamptz '2030-01-01 12:00+00' from tasks t join run r on r.workflow_key = t.key where t.status = 'DELAYED'
$$;
select is(
  (select count(*) from pg_temp.delays() as d where d between interval '3.75 seconds' and interval '6.25 seconds'), 10::bigint
);
select isnt((select max(d) from pg_temp.delays() as d), (select min(d) from pg_temp.delays() as d), 'spread');

set local perdure.test_clock = '2030-01-01 12:00:10+00';
create temp table again as select * from claim(:worker, array['pgtap'], 10);
select release(workflow_key, token, '1 hour', to_others => true) from again
where workflow_key = (select min(workflow_key) from again) \g /dev/null
select is(
  (select max(t.wake_at) from tasks t join run r on r.workflow_key = t.key), '2030-01-01 13:00:10+00', 'a delay that is given counts'
);
select release(workflow_key, token, to_others => true) from again
where workflow_key = (select max(workflow_key) from again) \g /dev/null
select is(
  (select count(*) from tasks t join run r on r.workflow_key = t.key where t.wake_at < '2030-01-01 12:00:17+00'), 1::bigint, 'one alone'
);
update again set token = 0;
select throws_ok(
  $$select release(workflow_key, token, to_others => true) from again limit 1$$, 'PD004', null, 'who has lost it gives nothing back'
);

select throws_ok(
  $$select release_many(array[1, 2], array[1, 2], array['1 hour'::interval], to_others => true)$$, 'PD001', null,
  'fewer delays than workflows'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(8);

create function pg_temp.reasons()
returns text[]
language sql
as $$
  select array(select reason from explain_wait('pgtap waits') where reason <> 'no idle executor')
$$;

set local perdure.test_clock = '2030-01-01 12:00+00';
update executors set lapsed = true;
select pg_temp.worker() as first \gset
select register_queue('pgtap tenants', 3, 2, 2, '1 minute', true, 2, 2, '1 minute') \g /dev/null
select enqueue_many('pgtap', '{1, 2}', 'pgtap tenants', partition_keys => '{a, a}') \g /dev/null
select claim(:first, array['pgtap tenants'], 2) \g /dev/null
select enqueue('pgtap', queue => 'pgtap tenants', workflow_id => 'pgtap waits', partition_key => 'a') \g /dev/null

select results_eq(
  $$select * from explain_wait('pgtap waits')$$,
  $$
    values
      ('worker concurrency', '2 workflows of queue pgtap tenants run on each living executor, the limit'),
      ('rate limit', '2 workflows of queue pgtap tenants have started within 00:01:00, its limit'),
      ('partition concurrency', '2 workflows of its partition of queue pgtap tenants run, the limit'),
      ('partition rate limit', '2 workflows of its partition of queue pgtap tenants have started within 00:01:00')
  $$
);

select pg_temp.worker() as second \gset
select is(
  pg_temp.reasons(), '{rate limit, partition concurrency, partition rate limit}', 'another executor has room'
);
select update_queue('pgtap tenants', '{"concurrency": 2}') \g /dev/null
select results_eq(
  $$select * from explain_wait('pgtap waits') where reason = 'concurrency'$$,
  $$values ('concurrency', '2 workflows of queue pgtap tenants run, its limit')$$
);
select update_queue('pgtap tenants', '{"concurrency": 3, "partition_concurrency": 3}') \g /dev/null
select is(pg_temp.reasons(), '{rate limit, partition rate limit}', 'rates are left');
select update_queue('pgtap tenants', '{"rate_limit": 3}') \g /dev/null
select is(pg_temp.reasons(), '{partition rate limit}');
set local perdure.test_clock = '2030-01-01 12:02+00';
select is(pg_temp.reasons(), '{}', 'later');

select update_queue('pgtap tenants', '{"worker_concurrency": null, "concurrency": 2}') \g /dev/null
select suspend(key, token) from tasks where executor_id = :first \g /dev/null
select is(pg_temp.reasons(), '{concurrency}', 'what is put down keeps its place');
select is_empty(
  $$
    select reason from explain_wait((select workflow_id from workflows join tasks using (key) where placed limit 1))
    where reason not in ('no idle executor', 'next')
  $$,
  'and needs no other'
);

select * from finish();
rollback;

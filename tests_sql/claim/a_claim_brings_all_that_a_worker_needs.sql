begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pay', '{"a":  1}', 'pgtap', 'pgtap a') \g /dev/null

set local perdure.test_clock = '2030-01-01 12:05+00';
create temp table claimed as
select * from claim(:worker, array['pgtap'], 10);

select results_eq(
  $$select workflow_id, workflow, queue, input::text, attempt, created_at, steps::text from claimed$$,
  $$values ('pgtap a', 'pay', 'pgtap', '{"a":  1}', 1, '2030-01-01 12:00+00'::timestamptz, null::text)$$
);
select is(pg_temp.status('pgtap a'), 'PENDING', 'it runs now');
select ok(finish(workflow_key, token), 'under this key and token') from claimed;

select * from finish();
rollback;

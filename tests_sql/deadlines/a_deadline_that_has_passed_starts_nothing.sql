begin;
\ir ../_setup.inc
select plan(9);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select is(token, null, 'it is not the caller''s to run')
from start(:worker, 'pgtap', workflow_id => 'pgtap direct', deadline => '2030-01-01 12:00+00');
select is(pg_temp.status('pgtap direct'), 'CANCELLED', 'it has ended');
select is(error ->> 'name', 'WorkflowTimedOut') from get_result('pgtap direct');
select results_eq(
  $$select item, token from start_many(
      (select executor_id from executors where name = 'pgtap'), array_fill('pgtap'::text, '{3}'), '{1, 2, 3}',
      deadlines => array[null, '2000-01-01', '2031-01-01']::timestamptz[])$$,
  'values (1, 0::bigint), (2, null), (3, 0)',
  'of several each for itself'
);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap queued', deadline => '2000-01-01 00:00+00') \g /dev/null
select is(pg_temp.status('pgtap queued'), 'ENQUEUED', 'enqueueing it is no error');
select is_empty(format($$select claim(%s, array['pgtap'])$$, :worker), 'no claim hands it out');
select is(pg_temp.status('pgtap queued'), 'CANCELLED');

-- Asked for again, an id is what it was.
select workflow_key as key, token from start(:worker, 'pgtap', workflow_id => 'pgtap again') \gset
select is(token, null) from start(:worker, 'pgtap', workflow_id => 'pgtap again', deadline => '2000-01-01');
select ok(finish(:key, :token), 'and runs on');

select * from finish();
rollback;

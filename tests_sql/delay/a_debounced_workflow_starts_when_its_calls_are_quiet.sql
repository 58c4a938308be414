begin;
\ir ../_setup.inc
select plan(12);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select debounce('index', 'page 1', '1 minute', '1', 'pgtap') as id \gset
select results_eq(
  format($$select workflow, status, queue, input::text, wake_at from get_workflow(%L)$$, :'id'),
  $$values ('index', 'DELAYED', 'pgtap', '1', '2030-01-01 12:01+00'::timestamptz)$$,
  'the first call'
);

set local perdure.test_clock = '2030-01-01 12:00:59+00';
select is(debounce('index', 'page 1', '1 minute', '2', 'pgtap'), :'id', 'a call before its moment puts it off');
select results_eq(
  format($$select input::text, wake_at, created_at from get_workflow(%L)$$, :'id'),
  $$values ('2', '2030-01-01 12:01:59+00'::timestamptz, '2030-01-01 12:00+00'::timestamptz)$$,
  'the last input counts'
);
select is(debounce('index', 'page 1', '5 seconds', null, 'pgtap'), :'id', 'a shorter one, without input');
select results_eq(
  format($$select input::text, wake_at from get_workflow(%L)$$, :'id'),
  $$values (null, '2030-01-01 12:01:04+00'::timestamptz)$$
);
select is(debounce('index', 'page 1', '1 minute', '3', 'pgtap'), :'id');
select isnt(debounce('index', 'page 2', '1 hour', '4', 'pgtap'), :'id', 'another key is another workflow');

set local perdure.test_clock = '2030-01-01 12:01:58+00';
select is_empty(format($$select claim(%s, array['pgtap'], 10)$$, :worker), 'it is not quiet long enough');
set local perdure.test_clock = '2030-01-01 12:01:59+00';
select results_eq(
  format($$select workflow_id, input::text from claim(%s, array['pgtap'], 10)$$, :worker),
  format($$values (%L, '3')$$, :'id'),
  'now it is'
);
select isnt(debounce('index', 'page 1', '1 minute', '5', 'pgtap'), :'id', 'a call after that begins anew');
select is(input::text, '3', 'and leaves alone what runs') from get_workflow(:'id');
select is(delayed, 2::bigint, 'two wait: the new one, and that of the other key') from queue_stats('pgtap');

select * from finish();
rollback;

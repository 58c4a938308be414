begin;
\ir ../_setup.inc
select plan(9);

\set one 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
\set two 00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00

select enqueue('w', queue => 'pgtap', workflow_id => 'pgtap a'), enqueue('w', queue => 'pgtap', workflow_id => 'pgtap b')
\gset

select results_eq(
  format('select * from keep_traces(%L, array[null, %L, %L])', array['pgtap a', 'pgtap b', 'pgtap none'], :'one', :'two'),
  format('values (1, null), (2, %L), (3, null)', :'one'),
  'what is kept is returned, in the order of the ids; what does not exist is passed over'
);
select results_eq(
  format('select traceparent from keep_traces(%L, array[%L, %L, %L])', array['pgtap b', 'pgtap a', 'pgtap a'], :'two', :'two', :'one'),
  format('values (%L), (%L), (%L)', :'one', :'two', :'two'),
  'the first counts, of those in one call as well'
);
select is((select count(*) from keep_traces(array[]::text[], array[]::text[])), 0::bigint, 'none');
select is(
  pg_temp.sqlstate_as(:'client', format('select from keep_traces(%L, %L)', array['pgtap a'], array[:'one'])),
  '00000',
  'a client may'
);

select throws_ok(
  $$select from keep_traces(array['pgtap a'], array['00-xyz'])$$,
  'PD001',
  $$'00-xyz' is no trace context$$
);
select throws_ok($$select from keep_traces(array['a', 'b'], array[null])$$, 'PD001', '2 ids and 1 trace contexts');
select throws_ok('select from keep_traces(null, null)', 'PD001', 'no ids and no trace contexts');
select throws_ok(
  $$select from keep_traces(array_fill('a'::text, array[10001]), array_fill(null::text, array[10001]))$$,
  'PD001',
  '10001 ids and 10001 trace contexts'
);

select cancel('pgtap b'), delete_workflows(array['pgtap b']) \g /dev/null
select is((select count(*) from traces where traceparent = :'one'), 0::bigint, 'a delete leaves none');

select * from finish();
rollback;

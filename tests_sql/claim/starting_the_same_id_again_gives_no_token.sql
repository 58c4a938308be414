begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
create temp table first as
select * from start(:worker, 'pay', '1', 'pgtap a');

select results_eq(
  format($$select workflow_key, workflow_id, token from start(%s, 'pay', '2', 'pgtap a')$$, :worker),
  $$select workflow_key, workflow_id, null::bigint from first$$,
  'while it runs'
);
select is(input::text, '1', 'the first stands') from get_workflow('pgtap a');
select finish(workflow_key, token) from first \g /dev/null
select is(token, null, 'when it has ended') from start(:worker, 'pay', '3', 'pgtap a');
select is(pg_temp.status('pgtap a'), 'SUCCESS');
select throws_ok(
  format($$select start(%s, 'ship', workflow_id => 'pgtap a')$$, :worker), 'PD003', null, 'another name'
);

select * from finish();
rollback;

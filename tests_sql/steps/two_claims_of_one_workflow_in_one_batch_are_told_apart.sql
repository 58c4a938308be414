begin;
\ir ../_setup.inc
select plan(2);

-- A worker that lost a workflow and claimed it again writes for both runs in one call.
select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select release(key, token) from run \g /dev/null
create temp table again as
select workflow_key as key, token from claim(:worker, array['pgtap']);

select results_eq(
  $$
    select r.item, r.outcome
    from run, again, record_steps(
      array[run.key, again.key, run.key], array[run.token, again.token, run.token], '{1, 1, 1}',
      '{charge, charge, charge}', '{"\"lost\"", "\"held\"", "\"lost\""}'
    ) as r
  $$,
  $$values (1, 'lease lost'), (3, 'lease lost')$$,
  'the run that is over has lost its lease'
);
select is(output::text, '"held"', 'the other is recorded') from list_steps('pgtap a');

select * from finish();
rollback;

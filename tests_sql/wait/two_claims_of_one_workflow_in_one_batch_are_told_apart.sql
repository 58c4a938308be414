begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select release(key, token) from run \g /dev/null
create temp table again as
select workflow_key as key, token from claim(:worker, array['pgtap']);

select results_eq(
  $$
    select r.item, r.outcome
    from run, again, release_many(array[run.key, again.key], array[run.token, again.token], '{1 hour, 2 hours}') as r
  $$,
  $$values (1, 'lease lost')$$
);
select ok(wake_at > clock_timestamp() + interval '90 minutes', 'the delay is that of the one that held it')
from get_workflow('pgtap a');

select * from finish();
rollback;

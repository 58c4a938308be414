begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select release(key, token) from run \g /dev/null
create temp table again as
select workflow_key as key, token from claim(:worker, array['pgtap']);

select results_eq(
  $$
    select f.item, f.outcome, f.output::text
    from run, again, finish_many(array[run.key, again.key], array[run.token, again.token], '{1, 2}') as f
  $$,
  $$values (1, 'lease lost', '2')$$
);

select * from finish();
rollback;

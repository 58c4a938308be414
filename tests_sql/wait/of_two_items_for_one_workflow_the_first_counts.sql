begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select register_queue('pgtap other') \g /dev/null
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');

select results_eq(
  $$
    select r.item, r.outcome
    from run, suspend_many(array[key, key], array[token, token], '{1 hour, 2 hours}') as r
  $$,
  $$values (2, 'lease lost')$$
);
select ok(wake_at < clock_timestamp() + interval '90 minutes', 'its delay') from get_workflow('pgtap a');
select is(attempts, 0, 'one attempt is given back') from get_workflow('pgtap a');

select * from finish();
rollback;

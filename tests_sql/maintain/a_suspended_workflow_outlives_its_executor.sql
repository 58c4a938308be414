begin;
\ir ../_setup.inc
\ir _maintained.inc
select plan(2);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap a') \gset
select suspend(:key, :token, '1 hour') \g /dev/null
select pg_temp.lapse(:worker) \g /dev/null

select is(pg_temp.maintained(), '{1, 0, 0, 0, 0}', 'there is nothing to take over');
select results_eq(
  $$select status, attempts from get_workflow('pgtap a')$$, $$values ('PENDING', 0)$$, 'it waits for its moment'
);

select * from finish();
rollback;

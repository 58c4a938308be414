begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select workflow_key as key, token from start(:worker, 'pgtap', workflow_id => 'pgtap a') \gset

select suspend(:key, :token) \g /dev/null
select results_eq(
  format($$select workflow_id, queue, attempt from claim(%s, '{}')$$, :worker),
  $$values ('pgtap a', null::text, 1)$$
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select register_queue('pgtap other') \g /dev/null
select enqueue('pgtap', queue => q, workflow_id => q) from unnest('{pgtap, pgtap other}'::text[]) as q \g /dev/null

select bag_has(
  format($$select workflow_id from claim(%s, max_workflows => 10000)$$, :worker),
  $$values ('pgtap'), ('pgtap other')$$
);

select * from finish();
rollback;

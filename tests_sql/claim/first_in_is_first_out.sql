begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || id)
from unnest('{c, a, b}'::text[]) with ordinality as g (id, place)
order by place \g /dev/null
select enqueue_many('pgtap', '{1, 2, 3}', 'pgtap', '{pgtap f, pgtap d, pgtap e}') \g /dev/null

select is(array(select workflow_id from claim(:worker, array['pgtap'], 2)), '{pgtap c, pgtap a}', 'the first two');
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 10)),
  '{pgtap b, pgtap f, pgtap d, pgtap e}',
  'a batch in the order given'
);

select * from finish();
rollback;

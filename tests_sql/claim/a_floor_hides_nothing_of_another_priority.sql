begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select queue_id from queues where name = 'pgtap' \gset
insert into floors (queue_id, rank, key, candidate_key, candidate_xmax, snapshot)
values (:queue_id, 0, 9000000000000000000, 9000000000000000000, '3', pg_current_snapshot());

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || p, priority => p)
from unnest('{0, 1, -1}'::int[]) as p \g /dev/null
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap -1, pgtap 1}',
  'only what is below a floor of its own priority would be passed over'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap ' || coalesce(retries::text, 'null'), retries => retries)
from unnest('{0, NULL}'::int[]) as retries \g /dev/null
select finish(workflow_key, token, error => '"no"') from claim(:worker, array['pgtap'], 10) \g /dev/null
select start(:worker, 'pay', workflow_id => 'pgtap direct') \g /dev/null
select finish(key, token, error => '"no"') from tasks where executor_id = :worker \g /dev/null
select is(pg_temp.status(id), 'ERROR', id) from unnest('{pgtap 0, pgtap null, pgtap direct}'::text[]) as id;

select * from finish();
rollback;

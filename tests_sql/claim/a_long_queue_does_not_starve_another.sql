begin;
\ir ../_setup.inc
select plan(1);

-- The order of queues is drawn for each claim: 100 claims that all pass over one of two queues
-- would be as likely as 100 coins that all fall on the same side.
select pg_temp.worker() as worker \gset
select register_queue('pgtap long'), register_queue('pgtap short') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{200}'), 'pgtap long') \g /dev/null
select enqueue('pgtap', queue => 'pgtap short', workflow_id => 'pgtap short') \g /dev/null

select claim(:worker, array['pgtap long', 'pgtap short'])
from generate_series(1, 100) \g /dev/null
select is(pg_temp.status('pgtap short'), 'PENDING');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(3);

select queue_id from queues where name = 'pgtap' \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap moved', app_version => 'pgtap v1') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{2000}'), 'pgtap') \g /dev/null
select cardinality(pg_temp.claimed(:v2, 1000)) \g /dev/null
-- As a floor looks that has risen over what was claimed.
insert into floors (queue_id, app_version, rank, key, candidate_key, candidate_xmax, snapshot)
select :queue_id, '', 0, max(key), max(key), '3', pg_current_snapshot()
from tasks where queue_id = :queue_id and executor_id is not null;

select isnt((_floor(:queue_id, '')).key, null, 'there is a floor');
select set_version(null, array['pgtap moved']) \g /dev/null
select is((_floor(:queue_id, '')).key, null, 'it ends');
select is((pg_temp.claimed(:v2, 1))[1], 'pgtap moved');

select * from finish();
rollback;

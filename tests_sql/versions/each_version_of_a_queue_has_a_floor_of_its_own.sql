begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(4);

select queue_id from queues where name = 'pgtap' \gset
select enqueue_many('pgtap', array_fill('1'::json, '{3000}'), 'pgtap', app_version => 'pgtap v1') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap other', app_version => 'pgtap v2') \g /dev/null
select cardinality(pg_temp.claimed(:v1, 1000)) from generate_series(1, 2) \g /dev/null

select isnt((_floor(:queue_id, 'pgtap v1')).candidate_key, null, 'of what was claimed');
select is((_floor(:queue_id, 'pgtap v2')).candidate_key, null, 'of nothing else');
select is(pg_temp.claimed(:v2), array['pgtap other']);
insert into floors (queue_id, app_version, rank, key, candidate_key, candidate_xmax, snapshot)
select :queue_id, 'pgtap v1', 0, max(key) + 1, max(key) + 1, '3', pg_current_snapshot()
from tasks where queue_id = :queue_id;
select is(_check_floors(), 1, 'maintenance finds what waits below one');

select * from finish();
rollback;

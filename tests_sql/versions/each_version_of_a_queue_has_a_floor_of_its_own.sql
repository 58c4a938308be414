begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(9);

select queue_id from queues where name = 'pgtap' \gset
select enqueue_many('pgtap', array_fill('1'::json, '{3000}'), 'pgtap', app_version => 'pgtap v1') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap other', app_version => 'pgtap v2') \g /dev/null
select cardinality(pg_temp.claimed(:v1, 1000)) from generate_series(1, 2) \g /dev/null

select isnt((_floor(:queue_id, 'pgtap v1')).candidate_key, null, 'of what was claimed');
select is((_floor(:queue_id, 'pgtap v2')).candidate_key, null, 'of nothing else');
select is(pg_temp.claimed(:v2), array['pgtap other']);
insert into floors (queue_id, app_version, rank, key, candidate_key, candidate_xmax, snapshot)
select :queue_id, '', 0, max(key) + 1, max(key) + 1, '3', pg_current_snapshot()
from tasks where queue_id = :queue_id;
select is(_check_floors(), 0, 'maintenance finds nothing of another version below one');
insert into floors (queue_id, app_version, rank, key, candidate_key, candidate_xmax, snapshot)
select :queue_id, 'pgtap v1', 0, max(key) + 1, max(key) + 1, '3', pg_current_snapshot()
from tasks where queue_id = :queue_id;
select is(_check_floors(), 1, 'but what waits below its own');

-- Those were dropped by this. A newer one of one version, and the rest goes.
create temp table made as
with made as (
  insert into floors (queue_id, app_version, rank, key, candidate_key, candidate_xmax, snapshot, server_started)
  select :queue_id, v.app_version, 0, 1, 1, '3', pg_current_snapshot(), v.at
  from (values ('pgtap v1', pg_postmaster_start_time()), ('pgtap v1', pg_postmaster_start_time()),
    ('pgtap v2', pg_postmaster_start_time()), ('pgtap v3', '2000-01-01')) as v (app_version, at)
  returning app_version, version
)
select * from made;
delete from floor_drops;
select _prune_starts() \g /dev/null
select results_eq(
  format($$select app_version collate "default", count(*) from floors where queue_id = %s group by 1 order by 1$$, :queue_id),
  $$values ('', 1::bigint), ('pgtap v1', 1), ('pgtap v2', 1)$$, 'the newest of each stays, unless it has ended'
);
select is(
  (select version from floors where queue_id = :queue_id and app_version = 'pgtap v1'),
  (select max(version) from made where app_version = 'pgtap v1')
);
-- Drops: those stay that a floor may not have seen.
insert into floor_drops (queue_id, transaction) values (:queue_id, '3');
select _prune_starts() \g /dev/null
select is_empty(format('select from floor_drops where queue_id = %s', :queue_id), 'no floor is older');
insert into floor_drops (queue_id, transaction) values (:queue_id, pg_snapshot_xmax(pg_current_snapshot()));
select _prune_starts() \g /dev/null
select isnt_empty(format('select from floor_drops where queue_id = %s', :queue_id), 'a floor may be');

select * from finish();
rollback;

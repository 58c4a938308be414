begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(2);

select queue_id from queues where name = 'pgtap' \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', app_version => 'pgtap v3') \g /dev/null
select is(_oldest_waiting(:queue_id, false), (select created_at from get_workflow('pgtap a')), 'how long it waits');
-- An enqueue with an old snapshot may choose a partition in a queue that has none.
update tasks set lane_id = 7 where app_version = 'pgtap v3';
select is(_check_lanes(), 1, 'it is moved to where it is looked for');

select * from finish();
rollback;

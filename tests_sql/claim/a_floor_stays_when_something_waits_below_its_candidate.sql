begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select queue_id from queues where name = 'pgtap' \gset
select enqueue_many('pgtap', array_fill('1'::json, '{2000}'), 'pgtap') \g /dev/null
select claim(:worker, array['pgtap'], 600) \g /dev/null
select min(key) - 1 as first from tasks where queue_id = :queue_id \gset
insert into floors (queue_id, rank, key, candidate_key, candidate_xmax, snapshot)
values (:queue_id, 0, :first, :first + 600, '3', pg_current_snapshot());

-- As if it had been committed after the candidate was chosen: nobody has told the floor.
update tasks set status = 'ENQUEUED', executor_id = null, token = null
where key = (select min(key) from tasks where queue_id = :queue_id)
returning key as lowest \gset

select _raise_floor(:queue_id, '', f, :first + 2000) from (
  select f.* from floors f where f.queue_id = :queue_id order by f.version desc limit 1
) as f \g /dev/null
select is(f.key, :first::bigint, 'it does not rise over what waits')
from floors f where f.queue_id = :queue_id order by f.version desc limit 1;
select is(
  (select min(workflow_key) from claim(:worker, array['pgtap'], 10)), :lowest::bigint, 'which is claimed first'
);

select * from finish();
rollback;

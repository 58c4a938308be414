begin;
\ir ../_setup.inc
select plan(7);

select pg_temp.worker() as worker \gset
select queue_id from queues where name = 'pgtap' \gset
select enqueue_many('pgtap', array_fill('1'::json, '{2000}'), 'pgtap') \g /dev/null
create view pg_temp.floor as
select * from floors where queue_id = (select queue_id from queues where name = 'pgtap') order by version desc limit 1;

select claim(:worker, array['pgtap'], 600) \g /dev/null
select min(key) as lowest from tasks where queue_id = :queue_id and status = 'ENQUEUED' \gset
select ok(key < :lowest, 'the first claims choose a candidate') from pg_temp.floor;
select is(candidate_key, :lowest::bigint, 'the lowest that waits') from pg_temp.floor;
select ok(candidate_xmax > pg_current_xact_id(), 'of a moment after all transactions of now have begun')
from pg_temp.floor;

update floors set candidate_xmax = '9000000000000000000' where queue_id = :queue_id;
select claim(:worker, array['pgtap'], 600) \g /dev/null
select is(candidate_key, :lowest::bigint, 'while a transaction of its time is under way it stays one')
from pg_temp.floor;

update floors set candidate_xmax = '3' where queue_id = :queue_id;
select claim(:worker, array['pgtap'], 600) \g /dev/null
select is(key, :lowest::bigint, 'then it is the floor') from pg_temp.floor;
select ok(candidate_key > :lowest + 500, 'and there is another candidate') from pg_temp.floor;
select is((select count(*) from claim(:worker, array['pgtap'], 600)), 200::bigint, 'the rest is claimed as before');

select * from finish();
rollback;

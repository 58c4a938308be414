begin;
\ir ../_setup.inc
\ir _ended.inc
select plan(3);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.ended(:worker, 'pgtap a') as key \gset
select delete_workflows('{pgtap a}') \g /dev/null
-- By somebody who had looked it up before.
insert into messages (message_id, key, topic, sent_at) values (nextval('message_ids'), :key, '', now());
select run_maintenance() \g /dev/null
select is(pg_temp.rows_of(:key), 1::bigint, 'not while others may still write');
-- As if the transaction that has deleted it had ended.
update removals set transaction = '3';
select run_maintenance() \g /dev/null
select is(pg_temp.rows_of(:key), 1::bigint, 'not at once');
set local perdure.test_clock = '2030-01-01 12:11+00';
select run_maintenance() \g /dev/null
select is(pg_temp.rows_of(:key) + (select count(*) from removals), 0::bigint, 'then it goes, and the note of it');

select * from finish();
rollback;

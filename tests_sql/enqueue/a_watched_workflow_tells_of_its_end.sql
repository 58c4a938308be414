-- Enqueueing can ask for the notification itself: then nobody marks the task afterwards.
begin;
\ir ../_setup.inc
select plan(9);

create function pg_temp.watched(id text)
returns boolean
language sql
as $$ select t.watched from workflows w join tasks t on t.key = w.key where w.workflow_id = id $$;

select is(enqueue('job', workflow_id => 'plain', watch => true), 'plain');
select ok(pg_temp.watched('plain'), 'without options');
select is(enqueue('job', workflow_id => 'delayed', delay => '1 hour', watch => true), 'delayed');
select ok(pg_temp.watched('delayed'), 'with options');
select enqueue('job', workflow_id => 'unwatched'), enqueue('job', workflow_id => 'no watch', watch => null) \g /dev/null
select ok(not pg_temp.watched('unwatched') and not pg_temp.watched('no watch'), 'not unless it is asked for');

select enqueue('job', workflow_id => 'unwatched', watch => true) \g /dev/null
select ok(pg_temp.watched('unwatched'), 'one that exists is marked');
select enqueue('job', workflow_id => 'no watch', retries => 1, watch => true) \g /dev/null
select ok(pg_temp.watched('no watch'), 'also with options');

select finish(c.workflow_key, c.token)
from claim(register_executor('pgtap'), max_workflows => 10) as c \g /dev/null
select lives_ok($$ select enqueue('job', workflow_id => 'plain', watch => true) $$, 'one that has ended is left alone');
select is(
  (select o.status::text from workflows w join outcomes o on o.key = w.key where w.workflow_id = 'plain'), 'SUCCESS'
);

select * from finish();
rollback;

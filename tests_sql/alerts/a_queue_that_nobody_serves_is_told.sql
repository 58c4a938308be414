begin;
\ir ../_setup.inc
select plan(8);

update executors set lapsed = true;
delete from tasks;
delete from outcomes;
create temp table told as select kind, subject, since, detail, severity from alerts() limit 0;
create function pg_temp.told()
returns setof text
language sql
as $$
  select kind || ': ' || subject from alerts() where kind <> 'lapsed executor'
$$;
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pgtap', queue => 'pgtap') \g /dev/null
select is_empty('select pg_temp.told()', 'what has just come may wait');
set local perdure.test_clock = '2030-01-01 12:06+00';
select results_eq(
  $$select kind, subject, since, detail, severity from alerts() where kind <> 'lapsed executor'$$,
  $$
    values ('unserved queue', 'pgtap', timestamptz '2030-01-01 12:00+00', 'work waits and no executor is alive', 'critical')
  $$
);
select pause_queue('pgtap') \g /dev/null
select is_empty('select pg_temp.told()', 'not of a queue that is paused');
select resume_queue('pgtap') \g /dev/null

select register_executor('pgtap', interval '1 hour', queues => '{default}') as other \gset
select is(detail, 'work waits and none of 1 executors serves it', 'one that serves others') from alerts() where subject = 'pgtap';
select pg_temp.worker() as worker \gset
select results_eq('select pg_temp.told()', $$values ('slow queue: pgtap')$$, 'somebody serves it, but too slowly');
select is_empty($$select from alerts(max_waiting => '10 minutes')$$, 'or not');
select claim(:worker, array['pgtap']) \g /dev/null
select is_empty('select pg_temp.told()', 'nothing waits any more');

select pg_temp.lapse(:worker) \g /dev/null
select is(subject || ' ' || detail, format('pgtap (%s) 1 workflows wait to be taken from it', :worker))
from alerts() where kind = 'lapsed executor';

select * from finish();
rollback;

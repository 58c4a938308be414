begin;
\ir ../_setup.inc
select plan(11);

delete from versions;
update tasks set status = 'PENDING', executor_id = null where status in ('ENQUEUED', 'DELAYED');
select register_executor('pgtap', '1 hour', workflows => '{known}') as worker \gset
update executors set workflows = '{known}' where executor_id <> :worker;
create function pg_temp.told(kind text)
returns setof text
language sql
as $$
  select a.subject || ': ' || a.detail from alerts() a where a.kind = told.kind
$$;

select enqueue('known', queue => 'pgtap'), enqueue('unknown', queue => 'pgtap', workflow_id => 'pgtap u') \g /dev/null
select is_empty($$select pg_temp.told('unknown workflow')$$, 'it waits for a moment only');
update workflows set created_at = _now() - interval '6 minutes' where name in ('known', 'unknown');
select results_eq($$select pg_temp.told('unknown workflow')$$,
  $$values ('unknown: one waits, and no living executor knows a workflow of this name')$$, 'nobody knows it');
update tasks set status = 'DELAYED', wake_at = _now() + interval '1 minute'
where key = (select key from workflows where workflow_id = 'pgtap u');
select results_eq($$select pg_temp.told('unknown workflow')$$,
  $$values ('unknown: one waits, and no living executor knows a workflow of this name')$$, 'also while it is delayed again');
select isnt_empty($$select from status() where subject = 'unknown workflow unknown' and state = 'problem' and hint like 'Start%'$$,
  'status says what to do');
update executors set workflows = null where executor_id = :worker;
select is_empty($$select pg_temp.told('unknown workflow')$$, 'somebody may know it');

update executors set app_version = 'pgtap v1';
select enqueue('known', queue => 'pgtap', app_version => 'pgtap v2') \g /dev/null
select results_eq($$select pg_temp.told('unserved version')$$,
  $$values ('pgtap v2 of queue pgtap: work waits for this version, and no living executor runs it')$$, 'nobody runs it');
update executors set app_version = 'pgtap v2' where executor_id = :worker;
select is_empty($$select pg_temp.told('unserved version')$$, 'somebody does');

-- Workers of other applications cannot take it.
select register_queue('pgtap q', application => 'pgtap a') \g /dev/null
select enqueue('known', queue => 'pgtap q', app_version => 'pgtap v2') \g /dev/null
update workflows set created_at = _now() - interval '6 minutes' where name = 'known';
select is_empty($$select pg_temp.told('unserved version')$$, 'none of its application lives: that is told of the queue');
select is_empty($$select pg_temp.told('unknown workflow')$$, 'so it is with its name');
select register_executor('pgtap other', '1 hour', 'pgtap v3', '{other}', null, 'pgtap a') \g /dev/null
select results_eq($$select pg_temp.told('unserved version')$$,
  $$values ('pgtap v2 of queue pgtap q: work waits for this version, and no living executor runs it')$$,
  'another application runs a version of this name');
select results_eq($$select pg_temp.told('unknown workflow')$$,
  $$values ('known: one waits, and no living executor knows a workflow of this name')$$,
  'another application knows a workflow of this name');

select * from finish();
rollback;

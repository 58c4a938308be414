begin;
\ir ../_setup.inc
select plan(11);

create function pg_temp.state(subject text)
returns setof text
language sql
as $$
  select s.state || ': ' || s.detail from status() s where s.subject = state.subject order by 1
$$;
delete from executors where not exists (select from tasks t where t.executor_id = executors.executor_id);
update tasks set status = 'DELAYED' where status = 'ENQUEUED';
update executors set queues = '{elsewhere}';
select exists (select from executors) as others \gset

select set_eq($$select subject from status() where state = 'ok' and subject in ('server', 'schema')$$,
  array['server', 'schema'], 'what is well is said too');
select results_eq($$select * from pg_temp.state('schema')$$,
  format('select %L', format('ok: schema %s is at version %s', current_schema(), schema_version())), 'the schema');

select enqueue('pgtap', queue => 'pgtap') \g /dev/null
\if :others
select skip('there are executors', 2);
\else
select results_eq($$select * from pg_temp.state('executors')$$,
  $$values ('problem: there is work, and no executor is alive')$$, 'nobody is alive');
select isnt_empty($$select from status() where subject = 'executors' and hint like '%perdure worker%'$$, 'what to do');
\endif

select register_executor('pgtap', '1 hour', queues => '{other}') as worker \gset
select matches((select * from pg_temp.state('executors')), '^ok: \d+ alive$', 'somebody is alive');
update workflows set created_at = _now() - interval '10 minutes' where name = 'pgtap';
select matches((select * from pg_temp.state('unserved queue pgtap')),
  '^problem: work waits and none of \d+ executors serves it$', 'nobody serves it');
select results_eq($$select hint from status() where subject = 'unserved queue pgtap'$$,
  $$values ('Start a worker that serves this queue.')$$, 'and what to do');
update executors set queues = '{pgtap}' where executor_id = :worker;
select matches((select * from pg_temp.state('slow queue pgtap')), '^warning: its oldest workflow waits', 'it is slow');
select pause_queue('pgtap') \g /dev/null
select is_empty($$select * from pg_temp.state('slow queue pgtap')$$, 'a queue that is paused is not slow');
select results_eq($$select * from pg_temp.state('queue pgtap')$$,
  $$values ('warning: it is paused, and work waits')$$, 'it is paused');
select resume_queue('pgtap') \g /dev/null

set local synchronous_commit to off;
select ok('warning: synchronous_commit is off' in (select * from pg_temp.state('durability')), 'durability');

select * from finish();
rollback;

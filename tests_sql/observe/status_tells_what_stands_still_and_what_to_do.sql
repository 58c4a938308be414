begin;
\ir ../_setup.inc
select plan(13);

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

select set_eq($$select subject from status() where state = 'ok' and subject in ('server', 'schema', 'queues')$$,
  array['server', 'schema', 'queues'], 'what is well is said too');
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
select results_eq($$select * from pg_temp.state('queue pgtap')$$,
  $$values ('problem: work waits, and no living executor serves it')$$, 'nobody serves it');
update executors set queues = '{pgtap}' where executor_id = :worker;
select is_empty($$select * from pg_temp.state('queue pgtap')$$, 'it is served');
select pause_queue('pgtap') \g /dev/null
select results_eq($$select * from pg_temp.state('queue pgtap')$$,
  $$values ('warning: it is paused, and work waits')$$, 'paused');
select resume_queue('pgtap') \g /dev/null

select from claim(:worker, '{pgtap}') \g /dev/null
update executors set lease_until = clock_timestamp() - interval '1 second' where executor_id = :worker;
select is(
  (select array_agg(state) from pg_temp.state('executors') as s (state) where state like 'warning: executor pgtap (%) is gone%')
    is not null,
  true, 'an executor is gone'
);

select create_schedule('pgtap', 'pgtap', '0 0 1 1 *') \g /dev/null
select is_empty($$select * from pg_temp.state('schedule pgtap')$$, 'a schedule waits for its tick');
update schedules set next_at = _now() - interval '2 minutes' where name = 'pgtap';
select matches((select * from pg_temp.state('schedule pgtap')), '^warning: its tick of .* has not been fired$', 'a tick');
update schedules set next_at = null where name = 'pgtap';
select is((select * from pg_temp.state('schedule pgtap')),
  'problem: its time zone UTC is not known to this Postgres', 'a zone');

set local synchronous_commit to off;
select ok('warning: synchronous_commit is off' in (select * from pg_temp.state('durability')), 'durability');

select * from finish();
rollback;

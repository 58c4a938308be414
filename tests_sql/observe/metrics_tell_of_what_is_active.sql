begin;
\ir ../_setup.inc
\ir _listed.inc
select plan(6);

set local perdure.test_clock = '2030-01-01 13:00+00';
select enqueue('late', queue => 'pgtap', workflow_id => 'f0', delay => '1 hour', deadline => '2030-01-01 13:20+00') \g /dev/null
update tasks t set failures = 1, attempts = 2 from workflows w where w.workflow_id = 'b3' and w.key = t.key;
select pause_queue('pgtap 2') \g /dev/null

create function pg_temp.metric(wanted text, labels text default '{}')
returns setof text
language sql
as $$
  select concat_ws(' ', m.labels ->> 'state', m.labels ->> 'what', m.value)
  from metrics() as m
  where m.metric = 'perdure_' || wanted and m.labels::jsonb @> metric.labels::jsonb
$$;

select set_eq(
  $$select pg_temp.metric('workflows', '{"queue": "pgtap"}')$$,
  '{waiting 1,delayed 2,running 1,suspended 0}'::text[],
  'workflows'
);
select results_eq(
  $$
    select metric, value from metrics() where labels ->> 'queue' in ('pgtap', 'pgtap 2') and metric <> 'perdure_workflows'
    order by metric, labels ->> 'queue'
  $$,
  $$
    values
      ('perdure_oldest_waiting_seconds', 3480::double precision), ('perdure_oldest_waiting_seconds', 3060),
      ('perdure_queue_paused', 0), ('perdure_queue_paused', 1),
      ('perdure_workflows_recovered', 1), ('perdure_workflows_recovered', 0),
      ('perdure_workflows_retried', 1), ('perdure_workflows_retried', 0)
  $$,
  'queues'
);
delete from executors where name not in ('host-1', 'host-2');
select pg_temp.lapse(:host_a) \g /dev/null
select set_eq($$select pg_temp.metric('executors')$$, '{alive 1,lapsed 1}'::text[], 'executors');
select set_eq($$select pg_temp.metric('dead_letters')$$, '{1}'::text[], 'dead letters');
select set_eq(
  $$select pg_temp.metric('overdue_seconds')$$, '{wake 0,deadline 0,schedule 0}'::text[], 'nothing is late'
);
set local perdure.test_clock = '2030-01-01 14:30+00';
select set_eq(
  $$select pg_temp.metric('overdue_seconds')$$, '{wake 1800,deadline 4200,schedule 0}'::text[], 'nobody runs maintenance'
);

select * from finish();
rollback;

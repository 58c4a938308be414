-- A page of ten is found in 30,000 that have ended by reading some hundred rows, whatever it is asked for that
-- has an index: what is rare, what is old, and both ways.
begin;
\ir ../_setup.inc

select nextval('task_keys') as first \gset
select setval('task_keys', :first + 40000) \g /dev/null
select register_queue('pgtap rare') \g /dev/null
select pg_temp.worker('pgtap list ' || n) from unnest(array[0, 1, 1, 9]) as n \g /dev/null
insert into workflows (
  key, workflow_id, name, queue_id, max_recovery_attempts, created_at, authenticated_user, schedule, application,
  forked_from, was_forked, attributes, parent_key
)
select
  :first + i, case when i % 3000 = 7 then 'pgtap-rare-' || i else 'pgtap ' || i end,
  case when i % 3000 = 7 then 'rare' when i < 2000 then 'old' else 'pgtap ' || i % 10 end,
  (select queue_id from queues where name = case when i % 3000 = 7 then 'pgtap rare' else 'pgtap' end), 100,
  '2030-01-01 00:00+00'::timestamptz + i * interval '1 minute',
  case when i % 50 = 7 then 'user ' || i % 1000 end, case when i % 50 = 7 then 'schedule ' || i % 1000 end,
  case when i % 50 = 7 then 'application ' || i % 1000 end,
  case when i % 50 = 7 then 'fork ' || i % 1000 end, i % 3000 = 7,
  case when i % 50 = 7 then jsonb_build_object('customer', i % 1000) end, case when i % 3000 = 7 then :first + 1 end
from generate_series(1, 30000) as i;
insert into outcomes (key, status, attempts, completed_at, app_version, executor_id, started_at)
select :first + i,
  (case when i % 3000 = 8 then 'ERROR' when i % 1000 = 9 then 'CANCELLED' else 'SUCCESS' end)::workflow_status, 1,
  '2030-01-01 00:05+00'::timestamptz + i * interval '1 minute', case when i > 50 then 'v' || i / 5000 end,
  (select min(executor_id) + i % 2 * (max(executor_id) - min(executor_id)) from executors where name = 'pgtap list ' || i / 5000),
  '2030-01-01 00:01+00'::timestamptz + i * interval '1 minute'
from generate_series(1, 29000) as i;
insert into tasks (key, queue_id, status, max_recovery_attempts)
select :first + i, (select queue_id from queues where name = 'pgtap'), 'ENQUEUED', 100
from generate_series(29001, 30000) as i;
analyze workflows, outcomes, tasks;

create function pg_temp.rows_read()
returns bigint
language sql
as $$
  select sum(
    pg_stat_get_xact_tuples_fetched(c.oid)
    + case when c.relkind = 'r' then pg_stat_get_xact_tuples_returned(c.oid) else 0 end
  )
  from pg_class c
  where c.oid in ('workflows'::regclass, 'tasks'::regclass, 'outcomes'::regclass)
    or c.oid in (
      select i.indexrelid from pg_index i
      where i.indrelid in ('workflows'::regclass, 'tasks'::regclass, 'outcomes'::regclass)
    )
$$;
create function pg_temp.cost(arguments text, newest_first boolean)
returns bigint
language plpgsql
as $$
declare
  v_before bigint := pg_temp.rows_read();
begin
  execute format('select count(*) from list_workflows(max_workflows => 10, newest_first => %L%s)', newest_first, arguments);
  return pg_temp.rows_read() - v_before;
end
$$;

create temp table cases (place int generated always as identity, arguments text);
insert into cases (arguments) values
  (''),
  (format(', after => %L', :first + 15000)),
  ($$, statuses => '{ERROR}'$$),
  ($$, statuses => '{CANCELLED,ERROR}'$$),
  ($$, statuses => '{SUCCESS}'$$),
  ($$, statuses => '{ENQUEUED}'$$),
  ($$, statuses => '{MAX_RECOVERY_ATTEMPTS_EXCEEDED}'$$),
  ($$, names => '{rare}'$$),
  ($$, names => '{old}'$$),
  ($$, names => '{old,rare}'$$),
  ($$, names => '{old}', statuses => '{SUCCESS}'$$),
  ($$, names => '{rare}', statuses => '{ERROR}'$$),
  ($$, names => '{none}'$$),
  ($$, queues => '{pgtap rare}'$$),
  ($$, queues => '{pgtap rare}', names => '{rare}', statuses => '{SUCCESS}'$$),
  ($$, id_prefixes => '{pgtap-rare-}'$$),
  (format(', parents => %L', '{pgtap 1}')),
  ($$, users => '{user 507}'$$),
  ($$, schedules => '{schedule 507}'$$),
  ($$, applications => '{application 507}'$$),
  ($$, app_versions => '{v0}', statuses => '{SUCCESS}'$$),
  ($$, app_versions => '{v2}', statuses => '{SUCCESS}'$$),
  ($$, app_versions => '{none}', statuses => '{SUCCESS}'$$),
  ($$, executors => '{pgtap list 0}', statuses => '{SUCCESS}'$$),
  ($$, executors => '{pgtap list 1}', statuses => '{SUCCESS}'$$),
  ($$, executors => '{pgtap list 9}', statuses => '{SUCCESS}'$$),
  ($$, started_from => '2030-01-05 00:00+00', started_until => '2030-01-06 00:00+00', statuses => '{SUCCESS}'$$),
  ($$, forked_from => '{fork 507}'$$),
  (', is_fork => true'),
  (', was_forked => true'),
  ($$, attributes => '{"customer": 507}'$$),
  ($$, created_from => '2030-01-05 00:00+00', created_until => '2030-01-06 00:00+00'$$),
  ($$, completed_from => '2030-01-05 00:00+00', completed_until => '2030-01-06 00:00+00'$$),
  ($$, completed_from => '2030-01-05 00:00+00', statuses => '{SUCCESS}'$$);

select plan(2 * count(*)::int + 7) from cases;
select cmp_ok(pg_temp.cost(arguments, newest), '<=', 400::bigint, format('newest first: %s%s', newest, arguments))
from cases, unnest(array[true, false]) as newest
order by place, newest;

-- All that is active is read for this, which is a thousand; not the history before it.
select cmp_ok(
  pg_temp.cost($$, created_from => '2030-01-05 00:00+00', statuses => '{ENQUEUED}'$$, false), '<=', 5000::bigint,
  'the oldest active ones of a span'
);
select cmp_ok(
  pg_temp.cost(arguments, newest), '<=', 5000::bigint, format('newest first: %s%s', newest, arguments)
)
from unnest(array[
  $$, app_versions => '{v0}'$$, $$, app_versions => '{none}'$$,
  $$, started_from => '2030-01-05 00:00+00', started_until => '2030-01-06 00:00+00'$$
]) as arguments, unnest(array[true, false]) as newest;

select * from finish();
rollback;

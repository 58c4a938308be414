-- Calls: schema_version, _living_executors, alerts.
create or replace function status()
returns table (
  subject text,
  state text,
  detail text,
  hint text
)
language plpgsql
stable
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_alive bigint;
  v_active boolean := exists (select from tasks);
begin
  return query values (
    'server', 'ok', format('Postgres %s', current_setting('server_version')), null::text
  ), (
    'schema', 'ok', format('schema %s is at version %s', current_schema(), schema_version()), null
  );

  return query
  select
    'durability',
    case when s.name = 'synchronous_commit' then 'warning' else 'problem' end,
    format('%s is off', s.name),
    case s.name
      when 'synchronous_commit' then 'A crash of the server loses what was acknowledged last: set it to on.'
      else 'A crash of the server can destroy the database: set it to on.'
    end
  from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) as s (name)
  where current_setting(s.name) = 'off';
  if not found then
    return query values ('durability', 'ok', 'what is acknowledged survives a crash of the server', null::text);
  end if;

  select count(*) into v_alive from _living_executors();
  if v_alive > 0 or not v_active then
    return query values ('executors', 'ok', format('%s alive', v_alive), null::text);
  else
    return query values (
      'executors', 'problem', 'there is work, and no executor is alive',
      'Start a worker: perdure worker MODULE:APP.'
    );
  end if;
  return query
  select format('queue %s', q.name), 'warning', 'it is paused, and work waits', 'Let it go on: resume_queue.'
  from queues q
  where q.paused and exists (select from tasks t where t.queue_id = q.queue_id and t.status = 'ENQUEUED')
  order by q.name
  limit 100;

  -- What needs somebody, with what to do about it.
  return query
  select
    format('%s %s', a.kind, a.subject),
    case a.severity when 'critical' then 'problem' else 'warning' end,
    a.detail,
    case a.kind
      when 'dead letter' then 'See why its workers die; then resume them: list_workflows, resume_many.'
      when 'failing workflow' then 'See their errors: list_workflows; when it is mended: fork_many from the last failure.'
      when 'unserved queue' then 'Start a worker that serves this queue.'
      when 'slow queue' then 'See what holds it: explain_wait; start more workers, or raise its limits.'
      when 'unknown workflow' then 'Start a worker whose program has it; or cancel them: cancel_many.'
      when 'unserved version' then 'Start a worker of it, or move the work to another version: set_version.'
      when 'lapsed executor' then 'Any living worker takes them over; without one call run_maintenance().'
      when 'late schedule' then 'Start a worker, or call run_maintenance(); with an unknown time zone apply it again.'
    end
  from alerts() as a
  limit 100;

  return query
  select
    'vacuum', 'warning',
    format('a transaction of %s has been open for %s', a.usename, date_trunc('second', clock_timestamp() - a.xact_start)),
    format('It keeps dead rows from being removed. To end it: select pg_terminate_backend(%s).', a.pid)
  from pg_stat_activity a
  where a.datname = current_database() and a.backend_xmin is not null
    and a.xact_start < clock_timestamp() - interval '10 minutes'
  order by a.xact_start
  limit 5;
  return query
  select
    'vacuum', 'warning',
    format('the prepared transaction %L is there since %s', p.gid, p.prepared),
    'It keeps dead rows from being removed: commit prepared, or rollback prepared.'
  from pg_prepared_xacts p
  where p.database = current_database() and p.prepared < clock_timestamp() - interval '10 minutes'
  order by p.prepared
  limit 5;

  return query
  select
    'connections', 'warning',
    format('%s of %s connections are in use', c.used, current_setting('max_connections')),
    'Put a pooler before the server, or raise max_connections.'
  from (select count(*) from pg_stat_activity a where a.backend_type = 'client backend') as c (used)
  where c.used > 0.8 * current_setting('max_connections')::int;
end
$$;

comment on function status() is
  'Whether all is well: a row for each thing looked at, and for each thing that is wrong. Its cost does not grow
with history.
Returns the subject (server, schema, durability, executors, queue NAME, what alerts() tells of, vacuum, connections); the
state (ok; warning: nothing stands still, look at it soon; problem: work stands still or may be lost); what was seen; and what
to do about it, or null.
Transactions of other roles are seen if the owner of the schema is a member of pg_read_all_stats.';

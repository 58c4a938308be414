-- Calls: _check_filter, _read_cursor, _sides, _find_workflows, _workflow_rows.
--
-- A workflow has a row in `tasks` or in `outcomes`; what only these know is asked of each of them in order, of
-- `outcomes` once for each status, and the first of what they find are the answer.
create or replace function list_workflows(
  workflow_ids text[] default null,
  id_prefixes text[] default null,
  statuses text[] default null,
  names text[] default null,
  app_versions text[] default null,
  users text[] default null,
  queues text[] default null,
  queued boolean default null,
  executors text[] default null,
  parents text[] default null,
  has_parent boolean default null,
  forked_from text[] default null,
  is_fork boolean default null,
  was_forked boolean default null,
  schedules text[] default null,
  attributes jsonb default null,
  applications text[] default null,
  created_from timestamptz default null,
  created_until timestamptz default null,
  started_from timestamptz default null,
  started_until timestamptz default null,
  completed_from timestamptz default null,
  completed_until timestamptz default null,
  newest_first boolean default true,
  max_workflows int default 100,
  after text default null,
  with_input boolean default true,
  with_output boolean default true
)
returns setof workflow_info
language plpgsql
stable
security definer
set search_path from current
set jit to off
as $$
#variable_conflict use_column
declare
  v_filter workflow_filter := row(
    workflow_ids,
    case when id_prefixes is not null then array(
      select regexp_replace(p.prefix, E'([\\\\%_])', E'\\\\\\1', 'g') || '%' from unnest(id_prefixes) as p (prefix)
    ) end,
    names, app_versions, users,
    case when queues is not null then array(select q.queue_id from queues q where q.name = any (queues)) end,
    queued,
    case when executors is not null then array(select e.executor_id from executors e where e.name = any (executors)) end,
    case when parents is not null then array(select p.key from workflows p where p.workflow_id = any (parents)) end,
    has_parent, forked_from, is_fork, was_forked, schedules, attributes, applications,
    created_from, created_until, started_from, started_until, completed_from, completed_until
  );
  v_sort text := case
    when num_nonnulls(completed_from, completed_until) > 0 then 'completed'
    when num_nonnulls(created_from, created_until) > 0 then 'created'
    when num_nonnulls(started_from, started_until) > 0 then 'started'
    else 'key'
  end;
  v_after_at timestamptz;
  v_after_key bigint;
  v_keys bigint[];
  v_times timestamptz[];
begin
  perform _check_filter(v_filter, statuses);
  if max_workflows between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('a list has 1 to 10000 workflows, not %s', coalesce(max_workflows::text, 'null')),
      hint => 'Ask for the rest with after => the cursor of the last row.'
    );
  end if;
  select c.at, c.key into v_after_at, v_after_key
  from _read_cursor(after, v_sort <> 'key') as c;

  select array_agg(f.key order by f.item), array_agg(f.at order by f.item) into v_keys, v_times
  from (
    select n.key, n.at, row_number() over (
      order by
        case when newest_first then n.at end desc, case when newest_first then n.key end desc,
        n.at, n.key
    ) as item
    from _sides(v_filter, statuses) as s
    cross join lateral _find_workflows(
      s.part, s.side, s.statuses_there, v_sort, newest_first, v_after_at, v_after_key, max_workflows
    ) as l
    cross join lateral unnest(l.keys, l.times) as n (key, at)
    order by item
    limit max_workflows
  ) as f;

  return query
  select * from _workflow_rows(v_keys, case when v_sort <> 'key' then v_times end, with_input, with_output);
end
$$;

comment on function list_workflows(
  text[], text[], text[], text[], text[], text[], text[], boolean, text[], text[], boolean, text[], boolean,
  boolean, text[],
  jsonb, text[], timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, boolean, int, text,
  boolean, boolean
) is
  'The workflows that pass every filter given, a page at a time. A filter that is null lets all pass, an empty array none; of
several values in an array one is enough. Names that nothing has are no error: then there is nothing to list.
workflow_ids, id_prefixes: the ids, or how they begin.
statuses: DELAYED, ENQUEUED, PENDING (active), SUCCESS, ERROR, CANCELLED, MAX_RECOVERY_ATTEMPTS_EXCEEDED (ended).
names, app_versions, users (on whose behalf), schedules, applications: the names.
queues: those enqueued in these queues; queued: true for those enqueued in any, false for direct starts.
executors: those that run, or were run last, on an executor of this name, while that is registered.
parents: the children of the workflows of these ids; has_parent: whether they have one.
forked_from: forks of the workflows of these ids; is_fork: whether they are one; was_forked: whether there are forks of them.
attributes: an object; those whose attributes contain it.
created_from, created_until: enqueued or started in this span, with its beginning and without its end; started_from,
started_until: a worker began to run it; completed_from, completed_until: it ended.
newest_first: the order. It is that of enqueueing (workflow_key); with a span of completion it is that of completion,
with one of creation that of created_at, and with one of start alone that of started_at.
max_workflows: 1 to 10000.
after: the cursor of the last row seen; the list goes on behind it. A cursor is a workflow_key, or, where the order is that
of a moment, the moment and the key: 2026-01-31T12:00:00.000000Z/4711. What is listed behind it was there or not, but never
twice and never passed over, whatever was deleted meanwhile; in the order of start or completion, what runs again does so anew.
with_input: whether input is brought; with_output: whether output and error are. They are null otherwise.
Columns: as get_workflow, and the cursor.
Raises PD001 (an unknown status, a number out of range, a span that ends before it begins, attributes that are no object, a
cursor of another order).';

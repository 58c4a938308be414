-- Calls: _hold_executor, _versions_taken, _anything_due, _fire_due, _expire_due, _time_out_due, _wake_due,
-- _with_work, _open_queues, _claim_queues, _mark_listening, _recorded_steps, _identity.
create or replace function claim(
  executor_id bigint,
  queues text[] default null,
  max_workflows int default 1,
  poll_interval interval default null
)
returns table (
  workflow_key bigint,
  token bigint,
  workflow_id text,
  workflow text,
  queue text,
  input json,
  attempt int,
  created_at timestamptz,
  steps json,
  time_left interval,
  identity json
)
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_listened int[];
  v_marked boolean;
  -- Whether each queue has a mark that an idle worker need not write anew yet (_mark_listening).
  v_fresh boolean;
  v_span interval := greatest(least(coalesce(claim.poll_interval, '0'), interval '1 day'), interval '5 seconds');
  v_busy int[];
  -- Whether a queue has a limit of which the places are counted.
  v_counted boolean;
  v_keys bigint[];
  v_left int := claim.max_workflows;
  v_now timestamptz;
  v_application text;
  v_versions text[] := array[''];
  v_own_version text;
  v_versioned boolean;
  v_due boolean;
begin
  if v_left between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('cannot claim %s workflows', coalesce(v_left::text, 'null')),
      hint => 'Ask for 1 to 10000 at a time.'
    );
  end if;
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    perform _raise(
      'PD001',
      format('claim cannot run in a transaction that is %s', current_setting('transaction_isolation')),
      detail => 'It must see what others have claimed since the transaction began, to keep limits.',
      hint => 'Claim in a transaction of its own, read committed.'
    );
  end if;
  v_application := _hold_executor(claim.executor_id);
  select exists (select from versions) or exists (select from version_pins), _anything_due()
  into v_versioned, v_due;
  if v_versioned then
    select v.own, v.taken into v_own_version, v_versions from _versions_taken(claim.executor_id) as v;
  end if;
  if v_due then
    perform _fire_due(1000);
    perform _expire_due(1000);
    perform _time_out_due(1000);
    perform _wake_due(1000);
  end if;

  select
    array_agg(q.queue_id), bool_or(q.listening_until is not null),
    bool_and(coalesce(q.listening_until >= clock_timestamp() + v_span, false)),
    bool_or(q.concurrency is not null)
  into v_listened, v_marked, v_fresh, v_counted
  from queues q
  where (claim.queues is null or q.name = any (claim.queues) or q.internal)
    and (q.application is null or q.application = v_application);

  v_busy := _with_work(v_listened, v_versions);
  v_keys := _claim_queues(
    case when cardinality(v_busy) = 1 and not v_counted then v_busy else _open_queues(v_busy) end,
    claim.executor_id, v_left, v_versions, v_own_version
  );
  v_left := v_left - cardinality(v_keys);

  -- Idle on the queues that have nothing more. One that a limit holds back needs no NOTIFY: more
  -- work there changes nothing.
  if v_left > 0 and v_fresh then
    null;
  elsif v_left > 0 then
    if v_busy <> '{}' then
      v_listened := array(select unnest(v_listened) except select unnest(_with_work(v_busy, v_versions)));
    end if;
    perform _mark_listening(v_listened, true, v_span);
  elsif v_marked then
    perform _mark_listening(v_listened, false, v_span);
  end if;
  if v_keys = '{}' then
    return;
  end if;

  v_now := _now();
  return query
  select
    t.key, t.token, w.workflow_id, w.name, case when not q.internal then q.name end, w.input, t.attempts, w.created_at,
    case when t.resumed then _recorded_steps(t.key) end, t.deadline - v_now,
    case
      when num_nonnulls(w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role) > 0
        then _identity(w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role)
    end
  -- Each by its key: as joins, planned while a table is empty, they begin with all workflows.
  from unnest(v_keys) as k (key)
  cross join lateral (select f.* from tasks f where f.key = k.key offset 0) as t
  cross join lateral (select f.* from workflows f where f.key = k.key offset 0) as w
  cross join lateral (select f.name, f.internal from queues f where f.queue_id = t.queue_id offset 0) as q
  order by t.rank, t.key;
end
$$;

comment on function claim(bigint, text[], int, interval) is
  'Hands waiting workflows to an executor: from now on it owns them, and only its writes count.
executor_id: from register_executor.
queues: null for all, or the names of those to serve; of either only those of the executor''s application and of
none. Recovered direct runs are served in any case.
max_workflows: how many at the most, 1 to 10000. Several queues share them evenly.
poll_interval: null, or when the executor claims again at the latest, if it is not notified. Give it if that is more than
five seconds: so long it is remembered that somebody is to be notified.
Returns a row for each, in the order of its queue: workflow_key and token, which every write for this
workflow must name; its id, name and input; its queue, null for a direct start, or if it was resumed or forked past the limits
of its queue; attempt, 1 for the first; steps, null or what
is recorded of earlier attempts: an array of {step, name, output, error, child_id, attempts,
completed, retry_in}, and place where place_steps gave any; time_left, null or the time until its deadline, when run_maintenance cancels it; and
identity, null or an object of class_name, config_name, authenticated_user, authenticated_roles and assumed_role.
An executor with a version takes the work that belongs to that version and, if it is the latest, work without
version, which then belongs to it. One without version takes all. An unknown queue is served as soon as it exists. No row: nothing waits, or what waits is held back by
a limit (explain_wait tells).
Raises PD001 (bad number, or a transaction that is not read committed), PD006 (executor without lease).';

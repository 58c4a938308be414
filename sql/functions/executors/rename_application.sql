-- Calls: _check_application, _check_isolation, _internal_queue, _tell_returned.
-- Locks: the executors, so that no direct start that is under way goes to the old internal queue afterwards; then
-- the tasks of that by key; then the workflows by key.
create or replace function rename_application(
  old_name text,
  new_name text,
  out workflows bigint,
  out queues bigint,
  out schedules bigint
)
language plpgsql
security definer
set search_path from current
set lock_timeout to '10s'
as $$
#variable_conflict use_column
declare
  v_old int;
  v_new int;
begin
  perform _check_isolation('rename_application');
  perform _check_application(new_name);
  if old_name is not null then
    perform _check_application(old_name);
  end if;
  workflows := 0;
  queues := 0;
  schedules := 0;
  if old_name = new_name then
    return;
  end if;

  perform from executors e
  where e.application is not distinct from old_name
  order by e.executor_id
  for update;
  -- A worker that runs on under its old name finds that its executor is of the new one.
  update executors e
  set application = new_name
  where e.application is not distinct from old_name;

  select q.queue_id into v_old
  from queues q
  where q.name = '_internal' || coalesce('/' || old_name, '');
  v_new := _internal_queue(new_name);
  with held as materialized (
    select t.key
    from tasks t
    where t.queue_id = v_old
    order by t.key
    for no key update
  )
  update tasks t
  set queue_id = v_new
  from held h
  where t.key = h.key;
  perform _tell_returned(v_new);

  update queues q
  set application = new_name
  where q.application is not distinct from old_name and not q.internal and q.name <> 'default';
  get diagnostics queues = row_count;
  update schedules s
  set application = new_name
  where s.application is not distinct from old_name;
  get diagnostics schedules = row_count;
  with gone as (
    delete from versions v
    where v.application = coalesce(old_name, '')
    returning v.app_version, v.registered_at, v.place
  )
  insert into versions (application, app_version, registered_at, place)
  select new_name, g.app_version, g.registered_at, g.place
  from gone g
  order by g.app_version
  -- Somebody may register it at this moment.
  on conflict (application, app_version) do nothing;

  with held as materialized (
    select w.key
    from workflows w
    where w.application is not distinct from old_name
    order by w.key
    for no key update
  )
  update workflows w
  set application = new_name
  from held h
  where w.key = h.key;
  get diagnostics workflows = row_count;
end
$$;

comment on function rename_application(text, text) is
  'Gives all that belongs to an application to another name: its workflows, queues, schedules, versions and executors, in one
transaction. The new name may be in use already. Stop the workers of the old name before: one that registers again
begins it anew, and none can renew its lease meanwhile. What is enqueued at the same moment may keep the old name:
then call it again.
old_name: the application; null: all that belongs to none, but for the default queue.
new_name: 1 to 400 bytes.
Returns how many workflows, queues and schedules it has moved.
Raises PD001 (bad name, or a transaction that is not read committed).';

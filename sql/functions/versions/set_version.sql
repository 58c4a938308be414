-- Calls: _check_text, _check_isolation, _pin_version, _tell_returned.
-- Locks: tasks, by key; then rows of workflows, by key.
create or replace function set_version(
  to_version text,
  workflow_ids text[] default null,
  from_version text default null,
  max_workflows int default 10000
)
returns int
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_custom_plan
as $$
#variable_conflict use_column
declare
  v_moved int;
  v_unbegun bigint[];
begin
  perform _check_isolation('set_version');
  if (workflow_ids is null) = (from_version is null) then
    perform _raise(
      'PD001',
      'set_version moves either the workflows of workflow_ids or those of from_version',
      hint => 'Give one of both. An empty from_version stands for work without version.'
    );
  end if;
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot move %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may move.'
    );
  end if;
  if to_version is not null then
    perform _pin_version(to_version);
  end if;

  with chosen as materialized (
    select t.key
    from tasks t
    where t.executor_id is null
      and t.app_version <> coalesce(to_version, '')
      and (from_version is null or t.app_version = from_version)
      and (workflow_ids is null or t.key = any (array(
        select w.key from workflows w where w.workflow_id = any (workflow_ids)
      )))
    order by t.key
    limit max_workflows
    for no key update
  ),
  moved as (
    update tasks t
    set app_version = coalesce(to_version, '')
    from chosen c
    where t.key = c.key
    returning t.key, t.queue_id, t.attempts
  ),
  told as (
    select _tell_returned(m.queue_id)
    from (select distinct queue_id from moved) as m
  )
  select
    (select count(*) from moved) + 0 * (select count(*) from told),
    (select array_agg(m.key) from moved m where m.attempts <= 1)
  into v_moved, v_unbegun;

  -- Where they go back to if they are claimed and not begun (_version_back).
  v_unbegun := array(
    select w.key
    from workflows w
    where w.key = any (v_unbegun) and w.app_version is distinct from to_version
    order by w.key
    for no key update
  );
  update workflows w set app_version = to_version where w.key = any (v_unbegun);

  -- Rightly so before a deployment; a name that was mistyped is waited for by everything that was moved.
  if v_moved > 0 and to_version is not null
    and not exists (select from versions v where v.app_version = to_version)
  then
    raise notice using
      message = format('version %L was never registered', to_version),
      hint = 'What was moved waits until an executor has this version. If the name is wrong, move it on; see list_versions.';
  end if;
  return v_moved;
end
$$;

comment on function set_version(text, text[], text, int) is
  'Moves active workflows that do not run, whether they wait or are put down, to another version.
to_version: the version that they belong to from now on; null: none, so executors of the latest take them.
workflow_ids: which, or null. from_version: or all of this version; '''': all without version.
max_workflows: how many at the most, 1 to 100000.
Returns how many were moved: call it again until that is 0. What runs, has ended, is unknown, or belongs to that
version already is passed over: what runs may be moved once it is put down.
A version that was never registered is taken, for a deployment to come, with a notice that says so.
Raises PD001 (bad argument, or a transaction that is not read committed).';

-- Calls: fork_many.
create or replace function fork(
  workflow_id text,
  from_step int default null,
  from_name text default null,
  from_last text default null,
  new_workflow_id text default null,
  queue text default null,
  app_version text default null,
  partition_key text default null,
  priority int default 0,
  timeout interval default null,
  children json default null
)
returns text
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  return (
    select f.workflow_id
    from fork_many(
      array[fork.workflow_id],
      from_steps => case when fork.from_step is not null then array[fork.from_step] end,
      from_name => fork.from_name,
      from_last => fork.from_last,
      new_workflow_ids => array[fork.new_workflow_id],
      queue => fork.queue,
      app_version => fork.app_version,
      partition_keys => case when fork.partition_key is not null then array[fork.partition_key] end,
      priorities => array[fork.priority],
      timeout => fork.timeout,
      children => fork.children
    ) as f
  );
end
$$;

comment on function fork(text, int, text, text, text, text, text, text, int, interval, json) is
  'Starts a new workflow that goes on from a step of another, with all that it recorded before; see fork_many, for the
parameters, too, which have one value instead of an array.
Returns the id of the fork.
Raises PD001 (bad argument, no such step), PD002 (no such workflow), PD003 (the id of another workflow), PD007 (no
such queue).';

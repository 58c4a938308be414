-- Calls: resume_many.
create or replace function resume(
  workflow_id text,
  queue text default null,
  children boolean default false
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  return (
    select r.outcome = 'resumed'
    from resume_many(array[resume.workflow_id], resume.queue, resume.children) as r
    where r.item = 1
  );
end
$$;

comment on function resume(text, text, boolean) is
  'Enqueues a workflow again that was cancelled or dead-lettered; see resume_many. Returns false, and does nothing, if
it is active, or has ended as SUCCESS or ERROR.
Raises PD001 (a partition key is missing, or a transaction that is not read committed), PD002 (no such workflow), PD007 (no such queue).';

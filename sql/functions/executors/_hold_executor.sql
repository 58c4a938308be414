-- Locks: the row of the executor, for key share. A takeover locks it for update, so a worker
-- that is being taken over can neither claim nor start anything that the takeover would miss.
-- Renewing the lease does not wait for this lock.
create or replace function _hold_executor(
  executor_id bigint
)
returns text
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_application text;
begin
  select e.application into v_application
  from executors e
  where e.executor_id = _hold_executor.executor_id and not e.lapsed
  for key share;

  if not found then
    perform _raise(
      'PD006',
      format('executor %s is not registered', coalesce(_hold_executor.executor_id::text, 'null')),
      detail => 'It never was, it has been deregistered, or its lease has lapsed and its work was taken over.',
      hint => 'Call register_executor and use the id it returns.'
    );
  end if;
  return v_application;
end
$$;

comment on function _hold_executor(bigint) is
  'Keeps an executor from being taken over until the end of the transaction. Returns the name of its
application. Raises PD006 if it has no lease.';

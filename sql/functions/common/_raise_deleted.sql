-- Once more, and the caller is told that there is none of this id. The SQLSTATE is one that programs know to retry.
create or replace function _raise_deleted()
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _raise(
    '40001',
    'a workflow was deleted by another session at this moment',
    detail => 'Nothing was changed.',
    hint => 'Run the transaction again.'
  );
end
$$;

comment on function _raise_deleted() is
  'Raises 40001: a workflow that was found a moment ago is not there any more.';

create or replace function _raise_unreadable(
  message text
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _raise(
    'PD001',
    _raise_unreadable.message,
    detail => 'Nothing was imported.',
    hint => 'Give the document as export_workflow has made it.'
  );
end
$$;

comment on function _raise_unreadable(text) is 'Raises PD001: this is wrong with the document of import_workflow.';

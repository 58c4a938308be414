create or replace function _raise_workflow_not_found(
  workflow_id text
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _raise(
    'PD002',
    format('workflow %L does not exist', left(workflow_id, 600)),
    hint => 'Check the id. A workflow exists once the transaction that enqueued it has committed.'
  );
end
$$;

comment on function _raise_workflow_not_found(text) is 'Raises PD002.';

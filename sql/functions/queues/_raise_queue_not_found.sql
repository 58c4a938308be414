create or replace function _raise_queue_not_found(
  queue text
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _check_text('queue', queue);
  perform _raise(
    'PD007',
    format('queue %L does not exist', queue),
    hint => format('Register it first: select %I.register_queue(%L)', current_schema(), queue)
  );
end
$$;

comment on function _raise_queue_not_found(text) is 'Raises PD007, or PD001 for a name that no queue can have.';

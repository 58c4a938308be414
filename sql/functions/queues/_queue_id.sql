create or replace function _queue_id(
  queue text
)
returns int
language plpgsql
stable
set search_path from current
as $$
#variable_conflict use_column
declare
  v_queue_id int;
begin
  select q.queue_id into v_queue_id
  from queues q
  where q.name = _queue_id.queue;

  if not found then
    perform _check_text('queue', _queue_id.queue);
    perform _raise(
      'PD007',
      format('queue %L does not exist', _queue_id.queue),
      hint => format('register it first: select register_queue(%L)', _queue_id.queue)
    );
  end if;
  return v_queue_id;
end
$$;

comment on function _queue_id(text) is 'The key of a queue. Raises PD007 if there is none of that name.';

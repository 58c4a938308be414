-- Directly started workflows are recovered through the internal queue of their application, so that no worker of
-- another application takes them.
create or replace function _internal_queue(
  application text
)
returns int
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_name text := '_internal' || coalesce('/' || _internal_queue.application, '');
  v_queue_id int;
begin
  loop
    select q.queue_id into v_queue_id from queues q where q.name = v_name;
    exit when found;
    insert into queues (name, application) values (v_name, _internal_queue.application)
    on conflict (name) do nothing;
  end loop;
  return v_queue_id;
end
$$;

comment on function _internal_queue(text) is
  'The internal queue of an application, or that of none; made if need be.';

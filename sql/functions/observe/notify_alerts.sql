create or replace function notify_alerts(
  enabled boolean default true
)
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  if enabled then
    insert into alerting (since) values (_now()) on conflict (alerting_id) do nothing;
  else
    delete from alerting;
  end if;
end
$$;

comment on function notify_alerts(boolean) is
  'Switches notifications on or off, for everybody: on channel <schema>.alert, with ''dead letter'' as payload when a
workflow is given up because its worker died too often, and ''failed workflow'' when one ends with an error. A
transaction sends each at most once. Off from the start. Look at alerts() then.
enabled: true or false.';

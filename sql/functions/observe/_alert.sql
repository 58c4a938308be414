-- Postgres sends what one transaction notifies twice only once.
create or replace function _alert(
  kind text
)
returns void
language plpgsql
set search_path from current
as $$
begin
  if exists (select from alerting) then
    perform pg_notify(current_schema() || '.alert', kind);
  end if;
end
$$;

comment on function _alert(text) is 'Tells of this on channel <schema>.alert, if notify_alerts was called.';

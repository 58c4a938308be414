-- Calls: _check_text.
create or replace function register_version(
  app_version text,
  application text default null
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  perform _check_text('version', register_version.app_version);
  -- Nobody who starts again waits for another who does.
  if exists (
    select from versions v
    where v.application = coalesce(register_version.application, '')
      and v.app_version = register_version.app_version
  ) then
    return false;
  end if;
  insert into versions (application, app_version, registered_at)
  values (coalesce(register_version.application, ''), register_version.app_version, _now())
  on conflict (application, app_version) do nothing;
  return found;
end
$$;

comment on function register_version(text, text) is
  'Makes a version known. A new one is the latest from now on: its executors take what was enqueued without a
version. register_executor does the same for the version that it is given.
app_version: its name, 1 to 512 bytes.
application: null, or the application whose version it is: each has a latest of its own.
Returns true if it is new. One that is known stays as it is.
Raises PD001 for a bad name.';

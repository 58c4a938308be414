-- Calls: _check_text.
create or replace function _pin_version(
  app_version text
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  perform _check_text('version', _pin_version.app_version);
  if not exists (select from versions v where v.app_version = _pin_version.app_version)
    and not exists (select from version_pins p where p.app_version = _pin_version.app_version)
  then
    insert into version_pins (app_version)
    values (_pin_version.app_version)
    on conflict (app_version, transaction) do nothing;
  end if;
end
$$;

comment on function _pin_version(text) is
  'Notes that there is work of this version, so that executors without version look for it.
Raises PD001 unless its name has 1 to 512 bytes.';

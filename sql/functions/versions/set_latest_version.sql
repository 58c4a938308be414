-- Calls: _notify_queue.
create or replace function set_latest_version(
  app_version text,
  application text default null
)
returns void
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  update versions v
  set place = nextval('version_places')
  where v.application = coalesce(set_latest_version.application, '')
    and v.app_version = set_latest_version.app_version;
  if not found then
    perform _raise(
      'PD001',
      format('there is no version %L', set_latest_version.app_version),
      hint => 'See list_versions; register_version makes one.'
    );
  end if;
  perform _notify_queue(q.queue_id) from queues q;
end
$$;

comment on function set_latest_version(text, text) is
  'Makes a version the latest: its executors take what was enqueued without a version, from their next claim on.
app_version: one that is registered. To go back to an earlier one, name that.
application: null, or the application whose version it is.
Raises PD001 (no such version).';

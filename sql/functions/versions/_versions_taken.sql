create or replace function _versions_taken(
  executor_id bigint,
  out own text,
  out taken text[]
)
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_sort to off
as $$
#variable_conflict use_column
begin
  select
    e.app_version,
    case
      when e.app_version is null then null
      when e.app_version = (
        select v.app_version
        from versions v
        where v.application = coalesce(e.application, '')
        order by v.application desc, v.place desc
        limit 1
      ) then array['', e.app_version]
      else array[e.app_version]
    end
  into own, taken
  from executors e
  where e.executor_id = _versions_taken.executor_id;
end
$$;

comment on function _versions_taken(bigint) is
  'The version of an executor, and the versions whose work it takes: its own, and '''' (no version) if its own is the
latest. Null: it has none, and takes all.';

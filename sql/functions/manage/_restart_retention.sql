-- The policy for the rest depends on which names have their own.
create or replace function _restart_retention(
  workflow text
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
  update retention r
  set swept_at = '-infinity', swept_key = 0, sweep_began_at = null, cutoff_at = null, cutoff_key = null,
      counting_at = null, counting_key = null, counted = null, count_began_at = null,
      newest_at = null, newest_key = null
  where r.workflow in ('', _restart_retention.workflow);
end
$$;

comment on function _restart_retention(text) is
  'Lets the policy of this name, and that for the rest, look at everything again.';

create or replace function _horizon(
  policy retention,
  at timestamptz,
  out completed_at timestamptz,
  out key bigint
)
language plpgsql
stable
set search_path from current
as $$
begin
  completed_at := policy.cutoff_at;
  key := policy.cutoff_key;
  if policy.max_age is not null and (completed_at is null or at - policy.max_age > completed_at) then
    completed_at := at - policy.max_age;
    key := 9223372036854775807;
  end if;
end
$$;

comment on function _horizon(retention, timestamptz) is
  'What has ended up to there is too old for this policy, or too much; null if nothing is.';

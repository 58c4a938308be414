-- Calls: _restart_retention.
create or replace function set_retention(
  workflow text default null,
  max_age interval default null,
  max_count bigint default null,
  statuses text[] default null
)
returns void
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  if set_retention.workflow is not null then
    perform _check_text('workflow name', set_retention.workflow);
  end if;
  if set_retention.max_age < interval '0' or set_retention.max_age > interval '100 years' then
    perform _raise(
      'PD001',
      format('nothing can be kept for %s', _span(set_retention.max_age)),
      hint => 'Give a max_age of 0 seconds to 100 years, or null to keep whatever its age.'
    );
  end if;
  if set_retention.max_count < 0 then
    perform _raise(
      'PD001',
      format('%s workflows cannot be kept', set_retention.max_count),
      hint => 'Give a max_count of 0 or more, or null to keep however many there are.'
    );
  end if;
  if set_retention.statuses = '{}' or not coalesce(
    set_retention.statuses <@ '{SUCCESS,ERROR,CANCELLED,MAX_RECOVERY_ATTEMPTS_EXCEEDED}', true
  ) then
    perform _raise(
      'PD001',
      format('statuses cannot be %s', set_retention.statuses),
      hint => 'Give some of SUCCESS, ERROR, CANCELLED and MAX_RECOVERY_ATTEMPTS_EXCEEDED, or null for all.'
    );
  end if;

  insert into retention as r (workflow, max_age, max_count, statuses, created_at)
  values (
    coalesce(set_retention.workflow, ''),
    _exact_span(set_retention.max_age), set_retention.max_count, set_retention.statuses, _now()
  )
  on conflict (workflow) do update
  set max_age = excluded.max_age, max_count = excluded.max_count, statuses = excluded.statuses;
  perform _restart_retention(set_retention.workflow);
end
$$;

comment on function set_retention(text, interval, bigint, text[]) is
  'Says how long to keep what has ended; run_maintenance removes the rest by itself, some hundreds at a call, each
with all that it has started. Without any policy all is kept for ever. What is active is always kept, and what has a
parent as long as the parent.
workflow: the policy of the workflows of this name; null: of all whose names have none of their own.
max_age: what ended longer ago than this goes. max_count: what has so many after it goes. With both, what either
says; with neither, all is kept.
statuses: only what ended so goes, and is counted: SUCCESS, ERROR, CANCELLED, MAX_RECOVERY_ATTEMPTS_EXCEEDED; null: all.
A policy that is there is replaced.
Raises PD001 (a value out of range).';

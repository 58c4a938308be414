-- Every moment that decides something is read here, except leases: those use the real clock.
-- A test moves time with `set perdure.test_clock = '2030-01-01 12:00+00'`; only the owner
-- of the schema is believed, because a caller that could move the clock could wake or
-- expire what is not its own.
create or replace function _now()
returns timestamptz
language plpgsql
volatile
set search_path from current
as $$
declare
  v_moved text := current_setting('perdure.test_clock', true);
begin
  if v_moved is null or v_moved = '' then
    return clock_timestamp();
  end if;
  if not pg_has_role(session_user, (select nspowner from pg_namespace where nspname = current_schema()), 'member') then
    perform _raise(
      'PD009',
      'only the owner of the schema may move the clock',
      detail => format('perdure.test_clock is set to %L in the session of %I', v_moved, session_user),
      hint => 'Reset perdure.test_clock.'
    );
  end if;
  return v_moved::timestamptz;
end
$$;

comment on function _now() is
  'The present moment, or the one a test has set in perdure.test_clock.';

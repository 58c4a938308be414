do $$ begin if _migrate(6, 'schedules') then end if; end $$;

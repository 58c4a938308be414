do $$ begin if _migrate(5, 'waiting') then end if; end $$;

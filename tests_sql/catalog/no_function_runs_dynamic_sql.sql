begin;
\ir ../_setup.inc
select plan(1);

-- 'execute' in quotes is the name of a privilege. A list is put together from constants for each set of
-- filters: a statement for all of them would have a plan for none.
select is_empty(
  format(
    $$select proname from pg_proc where pronamespace = %L::regnamespace and prosrc ~* '\mexecute\M(?!'')'
      and proname <> '_find_workflows'$$,
    quote_ident(:'schema')
  )
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(1);

-- 'execute' in quotes is the name of a privilege.
select is_empty(
  format(
    $$select proname from pg_proc where pronamespace = %L::regnamespace and prosrc ~* '\mexecute\M(?!'')'$$,
    quote_ident(:'schema')
  )
);

select * from finish();
rollback;

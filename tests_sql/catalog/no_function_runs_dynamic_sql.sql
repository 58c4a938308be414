begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  format(
    $$select proname from pg_proc where pronamespace = %L::regnamespace and prosrc ~* '\mexecute\M'$$,
    quote_ident(:'schema')
  )
);

select * from finish();
rollback;

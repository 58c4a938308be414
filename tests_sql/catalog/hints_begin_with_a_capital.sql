begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  $$
    select proname
    from pg_proc
    where pronamespace = quote_ident(current_schema())::regnamespace
      and prosrc ~ 'hint => *(format\()?''[a-z]'
  $$,
  'they are sentences'
);

select * from finish();
rollback;

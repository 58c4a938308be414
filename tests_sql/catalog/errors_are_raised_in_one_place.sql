begin;
\ir ../_setup.inc
select plan(1);

select is(
  array(
    select p.proname::text
    from pg_proc p
    where p.pronamespace = quote_ident(:'schema')::regnamespace and p.prosrc ~* '\mraise\s+(exception|sqlstate|\w+;)'
      -- It raises a condition for itself, to take back what it has written.
      and p.proname <> '_deduplicate'
  ),
  '{_raise}'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(1);

select is(
  array(
    select p.proname::text
    from pg_proc p
    where p.pronamespace = quote_ident(:'schema')::regnamespace and p.prosrc ~* '\mraise\s+(exception|sqlstate|\w+;)'
      -- They raise a condition for themselves, to take back what they have written or locked.
      and p.proname <> all ('{_deduplicate, _hold_family}')
  ),
  '{_raise}'
);

select * from finish();
rollback;

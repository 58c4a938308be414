begin;
\ir ../_setup.inc
select plan(2);

create role pgtap_nobody;
select is(
  pg_temp.sqlstate_as('pgtap_nobody', format('select %I.schema_version()', :'schema')), '42501',
  'it cannot even look into the schema'
);
select is_empty(
  format(
    $$
      select p.oid::regprocedure
      from pg_proc p
      where p.pronamespace = %L::regnamespace and has_function_privilege('pgtap_nobody', p.oid, 'execute')
    $$,
    quote_ident(:'schema')
  ),
  'no function is its to execute, were it let in'
);

select * from finish();
rollback;

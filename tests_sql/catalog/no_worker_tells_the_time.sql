begin;
\ir ../_setup.inc
select plan(1);

-- Machines' clocks differ: what a worker calls takes spans of time, and reckons with the clock of the server. The
-- deadline of a new workflow is an exception, and schedules are.
select set_eq(
  format(
    $$
      select p.proname::text
      from pg_proc p, aclexplode(p.proacl) as x
      where p.pronamespace = %L::regnamespace and x.grantee = to_regrole(%L)
        and exists (
          select from unnest(p.proargtypes::oid[]) as t (type)
          where t.type in ('timestamptz'::regtype, 'timestamptz[]'::regtype)
        )
    $$,
    quote_ident(:'schema'), quote_ident(:'worker_role')
  ),
  array['start', 'start_many']
);

select * from finish();
rollback;

-- A plan that cannot avoid what is switched off costs ten thousand million by the planner's count, and
-- Postgres would compile it before each execution: a quarter of a second to read a table of ten rows. And
-- with parameters it would plan anew at each call: a claim of one took 0.76 ms in the server, 0.41 ms since.
begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  $$
    select p.oid::regprocedure
    from pg_proc p
    where p.pronamespace = (select t.relnamespace from pg_class t where t.oid = 'tasks'::regclass)
      and p.proconfig::text like '%enable_%'
      and not p.proconfig @> '{jit=off,plan_cache_mode=force_generic_plan}'
  $$,
  'functions that switch off ways of planning are planned once, and not compiled'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

-- A function raises what it names itself and what its internal functions raise. PD009 (a moved
-- clock) may come from nearly all of them, and stands in the docs.
create temp table function as
select p.oid, p.proname as name, p.prosrc as body, obj_description(p.oid, 'pg_proc') as comment
from pg_proc p
where p.pronamespace = quote_ident(:'schema')::regnamespace and p.proname not in ('_raise', '_migrate');

create temp table raised as
with recursive reaches as (
  select f.name, f.name as reached from function f
  union
  select r.name, callee.name
  from reaches r
  join function caller on caller.name = r.reached
  join function callee on callee.name ~ '^_' and caller.body ~ ('\m' || callee.name || '\(')
)
select distinct r.name, m.code[1] as code
from reaches r
join function f on f.name = r.reached
cross join lateral regexp_matches(f.body, '_raise\(\s*''(PD\d{3})''', 'g') as m (code);

select ok((select count(*) > 20 from raised), 'the test finds what is raised');
select is_empty(
  $$
    select r.name, r.code
    from raised r
    join function f using (name)
    where r.name !~ '^_' and r.code <> 'PD009' and f.comment !~ r.code
      -- Direct starts have no deduplication id and the internal queue; a debounce has no parent.
      and (r.name, r.code) not in (
        ('start_many', 'PD007'), ('start_many', 'PD012'), ('debounce', 'PD004'), ('debounce', 'PD005')
      )
      -- A tick has none of these either, its queue is made if need be, and its id is looked for before.
      and not (
        r.code in ('PD003', 'PD004', 'PD005', 'PD007', 'PD012')
        and r.name in ('claim', 'run_maintenance', 'fire_schedules', 'trigger_schedule', 'backfill_schedule')
      )
  $$,
  'nothing is raised that the comment leaves out'
);

select * from finish();
rollback;

-- With 20,000 schedules of which none is due, claims and maintenance read as little as with none.
begin;
\ir ../_setup.inc
select plan(6);

create function pg_temp.rows_read()
returns bigint
language sql
as $$
  select sum(
    pg_stat_get_xact_tuples_fetched(c.oid)
    + case when c.relkind = 'r' then pg_stat_get_xact_tuples_returned(c.oid) else 0 end
  )
  from pg_class c
  where c.relnamespace = (select t.relnamespace from pg_class t where t.oid = 'tasks'::regclass)
    and c.oid in ('schedules'::regclass, 'schedules_next'::regclass, 'schedules_reckoned'::regclass, 'schedules_pkey'::regclass)
$$;

create temp table measured (stage text, what text, cost bigint);

create function pg_temp.measure(stage text)
returns void
language plpgsql
as $$
declare
  v_worker bigint := pg_temp.worker();
  v_statement text;
  v_before bigint;
begin
  foreach v_statement in array array[
    format('select claim(%s, array[''pgtap''])', v_worker), 'select run_maintenance()'
  ] loop
    for v_call in 1 .. 7 loop
      v_before := pg_temp.rows_read();
      execute v_statement;
      insert into measured values (stage, split_part(v_statement, '(', 1), pg_temp.rows_read() - v_before);
    end loop;
  end loop;
end
$$;

select create_schedule('pgtap', 'w', '0 0 1 1 *') \g /dev/null
select pg_temp.measure('small') \g /dev/null
insert into schedules (name, workflow, cron, zone, queue, automatic_backfill, max_recovery_attempts, next_at, reckoned_at, created_at)
select 'pgtap ' || i, 'w', '0 0 1 1 *', 'UTC', 'pgtap', false, 100, clock_timestamp() + interval '1 hour', clock_timestamp(), clock_timestamp()
from generate_series(1, 20000) as i;
select pg_temp.measure('large, with the plans of the small one') \g /dev/null
analyze schedules;
select pg_temp.measure('large, with plans of its own') \g /dev/null

select cmp_ok(max(cost), '<=', 10::bigint, what || ', ' || stage) from measured group by what, stage order by what, stage;

select * from finish();
rollback;

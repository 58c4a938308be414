begin;
\ir ../_setup.inc
select plan(7);

create function pg_temp.wakes_after(moment text, max_delay interval)
returns text
language plpgsql
as $$
declare
  v_id text;
begin
  perform set_config('perdure.test_clock', moment || '+00', true);
  v_id := debounce('index', 'key', '1 minute', queue => 'pgtap', max_delay => wakes_after.max_delay);
  return (select to_char(w.wake_at at time zone 'UTC', 'HH24:MI:SS') from get_workflow(v_id) as w);
end
$$;

select is(pg_temp.wakes_after('2030-01-01 12:00:00', '2 minutes'), '12:01:00');
select is(pg_temp.wakes_after('2030-01-01 12:00:50', '2 minutes'), '12:01:50');
select is(pg_temp.wakes_after('2030-01-01 12:01:20', '2 minutes'), '12:02:00', 'from the first call on');
select is(pg_temp.wakes_after('2030-01-01 12:01:50', '2 minutes'), '12:02:00');
select is(pg_temp.wakes_after('2030-01-01 12:01:55', null), '12:02:55', 'each call brings its own bound');
select is(pg_temp.wakes_after('2030-01-01 12:02:30', '2 minutes'), '12:02:00', 'or it is due already');
select is((select workflows_woken from run_maintenance()), 1);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(6);

-- What leases, the server's clock and schedules decide stays.
create temp table kept (table_name text);
insert into kept values ('executors'), ('floors'), ('queues'), ('schedules'), ('schema_migrations');

create function pg_temp.moments()
returns table (table_name text, column_name text, moment timestamptz)
language plpgsql
as $$
begin
  for table_name, column_name in
    select t.tablename, a.attname
    from pg_tables t
    join pg_attribute a on a.attrelid = format('%I.%I', t.schemaname, t.tablename)::regclass
    where t.schemaname = current_schema() and a.atttypid = 'timestamptz'::regtype and not a.attisdropped
  loop
    execute format('select max(%I) from %I', column_name, table_name) into moment;
    return next;
  end loop;
end
$$;

insert into tasks (key, queue_id, status, max_recovery_attempts, started_at, wake_at, expires_at, deadline)
values (-1, 1, 'DELAYED', 1, '3000-01-01', '3000-01-02', '3000-01-03', '3000-01-04');
insert into outcomes (key, status, attempts, started_at, completed_at, deadline)
values (-2, 'SUCCESS', 1, '3000-01-01', '3000-01-02', '3000-01-03');
insert into workflows (key, workflow_id, name, max_recovery_attempts, created_at, deadline)
values (-1, 'pgtap a', 'pgtap', 1, '3000-01-01', '3000-01-02');
insert into steps (key, step, name, started_at, completed_at, retry_at)
values (-1, 1, 's', '3000-01-01', '3000-01-02', '3000-01-03');
insert into messages (message_id, key, topic, sent_at) values (-1, -1, '', '3000-01-01');
insert into events (key, name, step, set_at) values (-1, 'e', 1, '3000-01-01');
insert into stream_entries (key, name, entry, step, written_at) values (-1, 's', 0, 1, '3000-01-01');
insert into versions (app_version, registered_at) values ('pgtap', '3000-01-01');
insert into removals (transaction, removed_at, keys) values ('1', '3000-01-01', '{}');
delete from alerting;
insert into alerting (since) values ('3000-01-01');
insert into retention (
  workflow, created_at, swept_at, sweep_began_at, cutoff_at, counting_at, count_began_at, newest_at
)
values (
  'pgtap', '3000-01-01', '3000-01-02', '3000-01-03', '3000-01-04', '3000-01-05', '3000-01-06', '3000-01-07'
);
-- An hour apart: each takes the place of the one before it.
insert into starts (queue_id, lane_id, started_at, total, many)
select -1, 0, '3000-01-01'::timestamptz + i * interval '1 hour', i, 1 from unnest('{3,1,2}'::int[]) as i;

create temp table before as select * from pg_temp.moments();
select lives_ok($$select _pass_time('1 hour')$$);
create temp table after as select * from pg_temp.moments();

select is_empty(
  'select table_name, column_name from before where moment is null and table_name not in (table kept)',
  'each moment is looked at'
);
select is_empty(
  $$
    select table_name, column_name, a.moment - b.moment
    from before b join after a using (table_name, column_name)
    where table_name not in (table kept) and a.moment is distinct from b.moment - interval '1 hour'
  $$,
  'and an hour earlier now'
);
select is_empty(
  $$
    select table_name, column_name
    from before b join after a using (table_name, column_name)
    where table_name in (table kept) and a.moment is distinct from b.moment
  $$,
  'but those that stay'
);
select results_eq(
  'select total from starts where queue_id = -1 order by started_at', array[1, 2, 3]::bigint[], 'starts keep their order'
);
select throws_ok($$select _pass_time('-1 second')$$, 'PD001', 'time does not pass backwards: -1 second');

select * from finish();
rollback;

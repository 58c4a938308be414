-- start has a way of its own for what is usual: whatever it is asked for, it answers and writes what start_many
-- does.
begin;
\ir ../_setup.inc
select plan(44);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker, pg_temp.worker('pgtap gone') as gone \gset
select register_executor('pgtap versioned', interval '1 hour', 'v1') as versioned \gset
select register_executor('pgtap application', interval '1 hour', application => 'pgtap') as of_application \gset
select deregister_executor(:gone) \g /dev/null

create temp table cases (
  what text primary key,
  executor bigint,
  name text default 'pgtap',
  input json default '{"b": 1, "a": 2}',
  id text default 'pgtap new',
  recoveries int default 100,
  app_version text,
  timeout interval,
  deadline timestamptz
);
insert into cases (what, executor, id) values
  ('new', :worker, 'pgtap new'), ('without id', :worker, null), ('runs', :worker, 'pgtap runs'),
  ('waits in a queue', :worker, 'pgtap waits'), ('has ended', :worker, 'pgtap ended'), ('empty id', :worker, ''),
  ('longest id', :worker, repeat('x', 512)), ('too long an id', :worker, repeat('x', 513)),
  ('no executor', null, 'pgtap new'), ('an executor that has gone', :gone, 'pgtap new'),
  ('an executor with a version', :versioned, 'pgtap new'),
  ('an executor of an application', :of_application, 'pgtap new');
insert into cases (what, executor, name) values
  ('no name', :worker, null), ('empty name', :worker, ''), ('too long a name', :worker, repeat('x', 513));
insert into cases (what, executor, name, id) values ('the id of another', :worker, 'pgtap other', 'pgtap runs');
insert into cases (what, executor, recoveries) values
  ('no recovery', :worker, 0), ('less than none', :worker, -1), ('recoveries left out', :worker, null);
insert into cases (what, executor, app_version) values ('a version', :worker, 'v2');
insert into cases (what, executor, timeout, deadline) values
  ('a timeout', :worker, '1 day', null), ('a deadline that has passed', :worker, null, '2029-01-01');

select start(:worker, 'pgtap', '1', 'pgtap runs') \g /dev/null
select enqueue('pgtap', '1', 'pgtap', 'pgtap waits') \g /dev/null
select finish(s.workflow_key, s.token) from start(:worker, 'pgtap', '1', 'pgtap ended') as s \g /dev/null

-- The answer of one way and what it has written, or the error; all that is done is undone.
create function pg_temp.tell(given cases, way text)
returns jsonb
language plpgsql
as $$
declare
  v_told jsonb;
  v_new record;
begin
  if way = 'one' then
    select s.workflow_key as key, s.workflow_id as id, s.token, s.time_left into v_new
    from start(
      given.executor, given.name, given.input, given.id, given.recoveries, given.app_version, given.timeout,
      given.deadline
    ) as s;
  else
    select s.workflow_key as key, s.workflow_id as id, s.token, s.time_left into v_new
    from start_many(
      given.executor, array[given.name], array[given.input], array[given.id], array[given.recoveries],
      given.app_version, timeouts => array[given.timeout], deadlines => array[given.deadline]
    ) as s;
  end if;
  v_told := jsonb_build_object(
    'token', v_new.token,
    'time left', v_new.time_left,
    'id', case when given.id is not null then v_new.id else length(v_new.id)::text end,
    'workflow', (
      select to_jsonb(w) - '{key,workflow_id}'::text[] || jsonb_build_object('input', w.input::text)
      from workflows w
      where w.key = v_new.key and w.workflow_id = v_new.id
    ),
    'task', (select to_jsonb(t) - '{key}'::text[] from tasks t where t.key = v_new.key),
    'outcome', (select to_jsonb(o) - '{key}'::text[] from outcomes o where o.key = v_new.key)
  );
  raise exception using errcode = 'PD999', message = v_told::text;
exception
  when sqlstate 'PD999' then
    return sqlerrm::jsonb;
  when others then
    return jsonb_build_object('error', sqlstate, 'message', sqlerrm);
end
$$;

select is(pg_temp.tell(c, 'one'), pg_temp.tell(c, 'many'), c.what) from cases c order by c.what;
-- That both tell of something.
select isnt(
  pg_temp.tell(c, 'one') -> case
    when c.what ~ '(no|empty|too long) (an? )?(name|id|executor)|^empty|too long|gone|less|another' then 'error'
    else 'workflow'
  end,
  null,
  c.what || ': there is an answer'
)
from cases c
order by c.what;

select * from finish();
rollback;

-- finish has a way of its own for what is usual: in whatever state a workflow is, it answers and writes what
-- finish_many does.
begin;
\ir ../_setup.inc
select plan(36);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset

create function pg_temp.set_up(what text, worker bigint, key bigint, token bigint)
returns void
language plpgsql
as $$
declare
  v_waiter record;
begin
  case
    when what = 'ended before' then
      perform finish_many(array[key], array[token], array['"first"'::json]);
    when what = 'failed before' then
      perform finish_many(array[key], array[token], array[null::json], array['"first"'::json]);
    when what like 'retries%' then
      update workflows w
      set retries = 2, retry_interval = '1 second', retry_backoff = 2, retry_max_interval = '1 hour'
      where w.key = set_up.key;
      update tasks t set retries = 2, failures = case when what like '%spent%' then 2 else 0 end
      where t.key = set_up.key;
    when what like 'deduplicated%' then
      insert into deduplications (queue_id, lane_id, deduplication_id, key)
      select t.queue_id, 0, 'pgtap ' || t.key, t.key from tasks t where t.key = set_up.key;
      update tasks t set deduplicated = true where t.key = set_up.key;
    when what like 'watched%' then
      select r.* into v_waiter from pg_temp.running(worker, 'pgtap waiter ' || key) as r;
      perform suspend_until_ended(
        v_waiter.key, v_waiter.token, array(select w.workflow_id from workflows w where w.key = set_up.key)
      );
    when what = 'cancelled' then
      perform _end_tasks(array[key], 'CANCELLED', '"no"');
    when what = 'put down' then
      perform suspend_many(array[key], array[token], array[interval '1 hour']);
    when what = 'claimed again' then
      perform release_many(array[key], array[token]);
      perform claim(worker, '{pgtap}');
    when what = 'with a deadline' then
      update tasks t set deadline = '2030-01-02' where t.key = set_up.key;
    when what = 'of a version' then
      update tasks t set app_version = '1' where t.key = set_up.key;
    else
      null;
  end case;
end
$$;

create function pg_temp.one(key bigint, token bigint, output json, error json)
returns text
language plpgsql
as $$
begin
  return case when finish(key, token, output, error) then 'ended' else 'not now' end;
exception
  when sqlstate 'PD004' then
    return 'lease lost';
end
$$;

create function pg_temp.many(key bigint, token bigint, output json, error json)
returns text
language plpgsql
as $$
declare
  v_outcome text;
begin
  select f.outcome into v_outcome from finish_many(array[key], array[token], array[output], array[error]) as f;
  return case when v_outcome is null then 'ended' when v_outcome = 'lease lost' then v_outcome else 'not now' end;
end
$$;

create temp table cases (
  what text primary key,
  token_change bigint default 0,
  output json default '{"b": 1, "a": 2}',
  error json
);
insert into cases (what) values
  ('output'), ('ended before'), ('failed before'), ('retries'), ('deduplicated'), ('watched'), ('cancelled'),
  ('put down'), ('claimed again'), ('with a deadline'), ('of a version');
insert into cases values
  ('no output', 0, null, null), ('another token', 1000, '1', null), ('no token', null, '1', null),
  ('error', 0, '1', '{"message": "no"}'), ('retries, error', 0, null, '{"message": "no"}'),
  ('retries spent, error', 0, null, '{"message": "no"}'), ('watched, error', 0, null, '{"message": "no"}');

create temp table told (what text, way text, answer text, written jsonb);
create function pg_temp.tell(what text, way text, worker bigint)
returns void
language plpgsql
as $$
declare
  v_case cases;
  v_run record;
  v_answer text;
begin
  select c.* into v_case from cases c where c.what = tell.what;
  -- What an earlier case has left must not be claimed in place of this one.
  delete from wakes;
  update tasks set status = 'DELAYED', wake_at = null where status = 'ENQUEUED' or wake_at is not null;
  select r.* into v_run from pg_temp.running(worker, format('pgtap %s, %s', what, way)) as r;
  perform pg_temp.set_up(what, worker, v_run.key, v_run.token);
  if way = 'one' then
    v_answer := pg_temp.one(v_run.key, v_run.token + v_case.token_change, v_case.output, v_case.error);
  else
    v_answer := pg_temp.many(v_run.key, v_run.token + v_case.token_change, v_case.output, v_case.error);
  end if;
  insert into told
  select what, way, v_answer, jsonb_build_object(
    'task', (select to_jsonb(t) - '{key,rank,token,executor_id}'::text[] from tasks t where t.key = v_run.key),
    'owned', (select t.token = v_run.token from tasks t where t.key = v_run.key),
    'outcome', (select to_jsonb(o) - '{key,token}'::text[] from outcomes o where o.key = v_run.key),
    'token', (select o.token = v_run.token from outcomes o where o.key = v_run.key),
    'deduplications', (select count(*) from deduplications d where d.key = v_run.key),
    'wakes', (
      select count(*)
      from wakes k
      join workflows w on w.key = k.key
      where w.workflow_id = 'pgtap waiter ' || v_run.key
    )
  );
end
$$;
select pg_temp.tell(c.what, w.way, :worker) from cases c, unnest('{one,many}'::text[]) as w (way) \g /dev/null

select is(o.answer, m.answer, o.what || ': the answer')
from told o
join told m on m.what = o.what and m.way = 'many'
where o.way = 'one'
order by o.what;
select is(o.written, m.written, o.what || ': what is written')
from told o
join told m on m.what = o.what and m.way = 'many'
where o.way = 'one'
order by o.what;

select * from finish();
rollback;

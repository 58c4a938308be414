-- record_step has a way of its own for what is usual: in whatever state a workflow and its step are, it answers
-- and writes what record_steps does.
begin;
\ir ../_setup.inc
select plan(34);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset

create function pg_temp.set_up(what text, worker bigint, key bigint, token bigint)
returns void
language plpgsql
as $$
begin
  case what
    when 'recorded before' then
      perform record_steps(array[key], array[token], '{1}', '{a}', array['"first"'::json]);
    when 'another step' then
      perform record_steps(array[key], array[token], '{1}', '{b}', array['"first"'::json]);
    when 'failed' then
      perform fail_step(key, token, 1, 'a', '"no"', 1, 3);
    when 'failed, another step' then
      perform fail_step(key, token, 1, 'b', '"no"', 1, 3);
    when 'attempts spent' then
      perform fail_step(key, token, 1, 'a', '"no"', 1, 1);
    when 'recorded in this transaction, another number' then
      perform record_steps(array[key], array[token], '{2}', '{a}', array['"first"'::json]);
    when 'ended' then
      perform finish_many(array[key], array[token], array['1'::json]);
    when 'failed at the end' then
      perform finish_many(array[key], array[token], array[null::json], array['"no"'::json]);
    when 'put down' then
      perform suspend_many(array[key], array[token], array[interval '1 hour']);
    when 'given back' then
      perform release_many(array[key], array[token]);
    when 'claimed again' then
      perform release_many(array[key], array[token]);
      perform claim(worker, '{pgtap}');
    when 'watched' then
      update tasks t set watched = true where t.key = set_up.key;
    else
      null;
  end case;
end
$$;

create function pg_temp.one(key bigint, token bigint, name text, output json, error json, duration interval)
returns text
language plpgsql
as $$
begin
  return case when record_step(key, token, 1, name, output, error, duration) then 'recorded' else 'recorded before' end;
exception
  when sqlstate 'PD004' then
    return 'lease lost';
  when sqlstate 'PD005' then
    return 'unexpected step';
  when others then
    return sqlstate;
end
$$;

create function pg_temp.many(key bigint, token bigint, name text, output json, error json, duration interval)
returns text
language plpgsql
as $$
begin
  return coalesce(
    (
      select r.outcome
      from record_steps(array[key], array[token], '{1}', array[name], array[output], array[error], array[duration]) as r
    ),
    'recorded'
  );
exception
  when others then
    return sqlstate;
end
$$;

create temp table cases (
  what text primary key,
  token_change bigint default 0,
  name text default 'a',
  output json default '{"b": 1, "a": 2}',
  error json,
  duration interval
);
insert into cases (what) values
  ('new'), ('recorded before'), ('another step'), ('failed'), ('failed, another step'), ('attempts spent'),
  ('recorded in this transaction, another number'), ('ended'), ('failed at the end'), ('put down'),
  ('given back'), ('claimed again'), ('watched');
insert into cases values
  ('another token', 1000, 'a', '1', null, null), ('no token', null, 'a', '1', null, null),
  ('no name', 0, null, '1', null, null),
  ('an error and how long it took', 0, 'a', null, '{"message": "no"}', '1 minute');

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
  select r.* into v_run from pg_temp.running(worker, format('pgtap %s, %s', what, way)) as r;
  perform pg_temp.set_up(what, worker, v_run.key, v_run.token);
  if way = 'one' then
    v_answer := pg_temp.one(
      v_run.key, v_run.token + v_case.token_change, v_case.name, v_case.output, v_case.error, v_case.duration
    );
  else
    v_answer := pg_temp.many(
      v_run.key, v_run.token + v_case.token_change, v_case.name, v_case.output, v_case.error, v_case.duration
    );
  end if;
  insert into told
  select what, way, v_answer,
    (select jsonb_agg(to_jsonb(s) - 'key' order by s.step) from steps s where s.key = v_run.key);
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

-- 100 workflows send, receive, tell of themselves and wait, for at most 50 rows each, while 100,000 others have
-- messages, events and streams, and 200,000 notes of those who wait for more.
begin;
\ir ../_setup.inc
select plan(84);

\ir _backlog.inc
create function pg_temp.all_of(value text)
returns text[]
language sql
as $$
  select array_fill(value, '{100}')
$$;
create function pg_temp.step(number int)
returns int[]
language sql
as $$
  select array_fill(number, '{100}')
$$;

insert into hot (what, statement, fresh) values
  ('send_many', $$select send_many(ids, pg_temp.all_of('1')::json[], pg_temp.all_of('t')) from run$$, true),
  ('send_many with keys', $$
    select send_many(ids, pg_temp.all_of('1')::json[], pg_temp.all_of('t'), pg_temp.all_of('k')) from run
  $$, false),
  ('send_many, sent before', $$
    select send_many(ids, pg_temp.all_of('1')::json[], pg_temp.all_of('t'), pg_temp.all_of('k')) from run
  $$, false),
  ('send_in_step', $$
    select send_in_step(keys[1], tokens[1], 1, ids, pg_temp.all_of('1')::json[], pg_temp.all_of('t')) from run
  $$, false),
  ('recv_many', $$select recv_many(keys, tokens, pg_temp.step(2), pg_temp.all_of('t')) from run$$, false),
  ('recv_many, recorded before', $$select recv_many(keys, tokens, pg_temp.step(2), pg_temp.all_of('t')) from run$$, false),
  ('recv_many of those with keys', $$select recv_many(keys, tokens, pg_temp.step(3), pg_temp.all_of('t')) from run$$, false),
  ('recv_many, waiting', $$select recv_many(keys, tokens, pg_temp.step(4), pg_temp.all_of('u')) from run$$, false),
  ('send_many to who waits', $$select send_many(ids, pg_temp.all_of('1')::json[], pg_temp.all_of('u')) from run$$, false),
  ('recv_many, timed out', $$
    select recv_many(keys, tokens, pg_temp.step(5), pg_temp.all_of('none'), array_fill(interval '0', '{100}')) from run
  $$, false),
  ('sleep_many', $$
    select sleep_many(keys, tokens, pg_temp.step(6), array_fill(interval '1 s', '{100}')) from run
  $$, false),
  ('set_events', $$
    select set_events(keys, tokens, pg_temp.step(7), pg_temp.all_of('e'), pg_temp.all_of('1')::json[]) from run
  $$, false),
  ('get_event', $$select get_event(ids[i], 'e') from run, generate_series(1, 100) as i$$, false),
  ('get_event, watching', $$select get_event(ids[i], 'n', watch => true) from run, generate_series(1, 100) as i$$, false),
  ('get_all_events', $$select get_all_events(ids[i]) from run, generate_series(1, 100) as i$$, false),
  ('await_events', $$select await_events(keys, tokens, pg_temp.step(8), ids, pg_temp.all_of('e')) from run$$, false),
  ('write_streams', $$
    select write_streams(keys, tokens, pg_temp.step(9), pg_temp.all_of('s'), pg_temp.all_of('1')::json[]) from run
  $$, false),
  ('read_stream', $$select read_stream(ids[i], 's') from run, generate_series(1, 100) as i$$, false),
  ('read_stream, watching', $$
    select read_stream(ids[i], 's', 1, watch => true) from run, generate_series(1, 100) as i
  $$, false),
  ('write_streams to who watches', $$
    select write_streams(keys, tokens, pg_temp.step(10), pg_temp.all_of('s'), pg_temp.all_of('1')::json[]) from run
  $$, false),
  ('recv_many, put down', $$
    select recv_many(keys, tokens, pg_temp.step(11), pg_temp.all_of('v'), put_down => array_fill(true, '{100}')) from run
  $$, false),
  ('send_many to who was put down', $$
    select send_many(ids, pg_temp.all_of('1')::json[], pg_temp.all_of('v')) from run
  $$, false),
  ('_wake_due', $$select _wake_due(100)$$, false),
  ('suspend_until_ended', $$
    select suspend_until_ended(keys[i], tokens[i], ids[i + 50]) from run, generate_series(1, 50) as i
  $$, true),
  ('finish_many of those', $$
    select finish_many(keys[51:], tokens[51:], array_fill('1'::json, '{50}')) from run
  $$, false),
  ('_wake_due of those', $$select _wake_due(100)$$, false),
  -- These wake nobody; each claim that makes the next hundred takes some.
  ('wakes of others', $$insert into wakes (key) select -i from generate_series(1, 10000) as i$$, false),
  ('_take_wakes', $$select _take_wakes(100)$$, false);
select pg_temp.measure_all() \g /dev/null

select cmp_ok(max(cost), '<=', 5000::bigint, what || ', ' || stage)
from measured
group by what, stage
order by what, stage;

select * from finish();
rollback;

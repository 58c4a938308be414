begin;
\ir ../_setup.inc
select plan(10);

select pg_temp.worker() as worker, pg_temp.worker('pgtap other') as other_worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table other as
select * from pg_temp.running(:other_worker, 'pgtap b');
create function pg_temp.woken(worker bigint)
returns text
language plpgsql
as $$
declare
  v_id text;
  v_token bigint;
begin
  select c.workflow_id, c.token into v_id, v_token from claim(worker, array['pgtap']) as c;
  update run set token = v_token where v_id is not null;
  return v_id;
end
$$;

select recv(key, token, 1, 't') from run \g /dev/null
select await_events(array[key], array[token], '{2}', '{pgtap b}', '{e}') from run \g /dev/null
select suspend(key, token, '1 hour') from run \g /dev/null
select is(pg_temp.woken(:worker), null, 'nothing is there yet');
select send('pgtap a', '1', 't') \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a', 'a message that comes while it is down');

select suspend(key, token, '1 hour') from run \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a', 'a message that was there before');
select suspend(key, token, '1 hour') from run \g /dev/null
select is(pg_temp.woken(:worker), null, 'which it does not look for: that calls it once');

select set_config('perdure.test_clock', (clock_timestamp() + interval '1 day')::text, true) \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a');
select set_event(key, token, 1, 'e', '1') from other \g /dev/null
select sleep(key, token, 3, '1 hour', put_down => true) from run \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a', 'an event that was there before');

select recv(key, token, 4, 'u') from run \g /dev/null
select send('pgtap a', '1', 'u') \g /dev/null
select release(key, token, '1 hour') from run \g /dev/null
select is(pg_temp.woken(:worker), null, 'what is released waits for its moment');
select set_config('perdure.test_clock', (clock_timestamp() + interval '2 days')::text, true) \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a');

select suspend_until_ended(key, token, array['pgtap b']) from run \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a', 'put down until an end, it sees the message');
select is(suspend_until_ended(key, token, array['pgtap b']), true) from run;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(15);

select pg_temp.worker() as worker, pg_temp.worker('pgtap other') as other_worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create function pg_temp.put_down(id text)
returns boolean
language sql
as $$
  select suspend_until_ended(key, token, array[id]) from run
$$;
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

select throws_ok($$select pg_temp.put_down('pgtap none')$$, 'PD002', 'workflow ''pgtap none'' does not exist');
select throws_ok($$select pg_temp.put_down('pgtap a')$$, 'PD001', 'a workflow cannot wait for its own end');
select * from pg_temp.running(:other_worker, 'pgtap b') \gset b_
select throws_ok($$select suspend_until_ended(key, token + 1000, array['pgtap b']) from run$$, 'PD004');
select throws_ok($$select suspend_until_ended(key, null, array['pgtap b']) from run$$, 'PD004');

select is(pg_temp.put_down('pgtap b'), true);
select throws_ok($$select pg_temp.put_down('pgtap b')$$, 'PD004', null, 'the token is void');
select is(pg_temp.woken(:worker), null);
select finish(:b_key, :b_token) \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a', 'finished');
select is(pg_temp.put_down('pgtap b'), false, 'it has ended');
select is_empty('select from waits w join run on w.waiter_key = run.key');

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap c', expires_in => '1 millisecond', delay => '1 hour') \g /dev/null
select is(pg_temp.put_down('pgtap c'), true);
select set_config('perdure.test_clock', (clock_timestamp() + interval '1 minute')::text, true) \g /dev/null
select _expire_due(1000) \g /dev/null
select is(pg_temp.woken(:worker), 'pgtap a', 'expired');

select * from pg_temp.running(:other_worker, 'pgtap d') \gset d_
update tasks set max_recovery_attempts = 0 where key = :d_key;
select is(pg_temp.put_down('pgtap d'), true);
select pg_temp.lapse(:other_worker), _take_over(1000) \g /dev/null
select is(pg_temp.status('pgtap d'), 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
select is(pg_temp.woken(:worker), 'pgtap a', 'dead-lettered');

select * from finish();
rollback;

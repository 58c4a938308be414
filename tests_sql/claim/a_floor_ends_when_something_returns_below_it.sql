begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as worker \gset
select queue_id from queues where name = 'pgtap' \gset
create temp table run as
select verb, r.*
from unnest('{release, suspend, deregister, reconcile, take over, wake}'::text[]) as verb,
  pg_temp.running(pg_temp.worker(verb), 'pgtap ' || verb) as r;
create function pg_temp.floor_of_all()
returns void
language sql
as $$
  delete from floor_drops where queue_id = (select queue_id from queues where name = 'pgtap');
  -- As if transactions that began after this one had ended: then its own snapshot lies.
  insert into floors (queue_id, rank, key, candidate_key, candidate_xmax, snapshot)
  select queue_id, -1000, 9000000000000000000, 9000000000000000000, '3', format('%1$s:%1$s:', x.id + 1)::pg_snapshot
  from queues, (select pg_current_xact_id()::text::bigint as id) as x
  where name = 'pgtap';
$$;
select suspend(key, token, '1 hour') from run where verb = 'wake' \g /dev/null
select e.executor_id as deregistered from executors e where e.name = 'deregister' \gset
select e.executor_id as reconciled from executors e where e.name = 'reconcile' \gset
select e.executor_id as dead from executors e where e.name = 'take over' \gset

select pg_temp.floor_of_all() \g /dev/null
select release(key, token) from run where verb = 'release' \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap release}');

select pg_temp.floor_of_all() \g /dev/null
select suspend(key, token) from run where verb = 'suspend' \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap suspend}');

select pg_temp.floor_of_all() \g /dev/null
select deregister_executor(:deregistered) \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap deregister}');

select pg_temp.floor_of_all() \g /dev/null
select reconcile(:reconciled, '{}') \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap reconcile}');

select pg_temp.floor_of_all() \g /dev/null
select pg_temp.lapse(:dead) \g /dev/null
select run_maintenance() \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap take over}');

select pg_temp.floor_of_all() \g /dev/null
update tasks set wake_at = '2000-01-01' where key = (select key from run where verb = 'wake');
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap wake}');

select * from finish();
rollback;

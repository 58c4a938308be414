begin;
\ir ../_setup.inc
select plan(21);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table other as
select * from pg_temp.running(:worker, 'pgtap b');
select send('pgtap a', '1') \g /dev/null
select set_event(key, token, 1, 'e', '1') from other \g /dev/null
create temp table calls (statement text);
insert into calls values
  ($$select recv(key, token, 1) from run$$),
  ($$select set_event(key, token, 1, 'e', '1') from run$$),
  ($$select send_in_step(key, token, 1, '{pgtap b}', '{1}') from run$$),
  ($$select sleep(key, token, 1, '1 hour') from run$$);
create temp table batches (statement text);
insert into batches values
  ($$from run, other, recv_many(array[run.key, other.key], array[run.token, other.token], '{1,2}', '{null,null}', '{0,0}') as r$$),
  ($$from run, other, await_events(array[run.key, other.key], array[run.token, other.token], '{1,3}', '{pgtap b,pgtap b}', '{e,e}') as r$$),
  ($$from run, other, sleep_many(array[run.key, other.key], array[run.token, other.token], '{1,4}', '{1 s,1 s}') as r$$),
  ($$from run, other, set_events(array[run.key, other.key], array[run.token, other.token], '{1,5}', '{e,e}', '{2,2}') as r$$);

update run set token = token + 1000;
select throws_ok(statement, 'PD004', null, 'another token: ' || statement) from calls;
update run set token = null;
select throws_ok(statement, 'PD004', null, 'no token: ' || statement) from calls;
update run r set token = t.token from tasks t where t.key = r.key;
select pg_temp.lapse(:worker), run_maintenance() \g /dev/null
update other r set token = c.token from claim(pg_temp.worker(), array['pgtap'], 2) as c where c.workflow_key = r.key;
select throws_ok(statement, 'PD004', null, 'taken over and claimed by another: ' || statement) from calls;
select results_eq(
  'select r.outcome, r.item ' || statement || ' where r.item = 1', $$values ('lease lost', 1)$$, statement
)
from batches;

-- The items of the same batches that were not lost are done.
select results_eq(
  $$select step, name from list_steps('pgtap b')$$,
  $$values (1, 'perdure.set_event'), (2, 'perdure.recv'), (3, 'perdure.get_event'), (4, 'perdure.sleep'), (5, 'perdure.set_event')$$,
  'the others of the same batches are done'
);
select is_empty($$select list_steps('pgtap a')$$, 'nothing is recorded');
select is_empty($$select get_event('pgtap a', 'e')$$, 'nothing is set');
select is((select count(*) from messages m join run using (key) where not received), 1::bigint, 'nothing is received');
select is_empty('select from messages m join other using (key)', 'nothing is sent');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _ended.inc
select plan(2);

select pg_temp.worker() as worker \gset
select pg_temp.ended(:worker, 'pgtap a') as gone \gset
select * from pg_temp.running(:worker, 'pgtap b') \gset
select outcome from await_events(array[:key], array[:token], '{1}', '{pgtap a}', '{never}', array[interval '1 day'],
  put_down => array[true]) \g /dev/null
select is(status::text, 'PENDING', 'it waits for an event of the other') from tasks where key = :key;
select delete_workflows('{pgtap a}') \g /dev/null
select is(count(*), 1::bigint, 'and looks again when that is gone')
from claim(:worker, array['pgtap']) where workflow_key = :key;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

-- Where it begins is drawn by lot: nothing else is noted here, and it looks at 500 from there on.
delete from waits;
create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
create temp table other as
select * from pg_temp.running(pg_temp.worker(), 'pgtap b');
select recv(key, token, 1) from run \g /dev/null
select await_events(array[key], array[token], '{2}', '{pgtap b}', '{e}') from run \g /dev/null
select recv(key, token, 1) from other \g /dev/null
select watch('pgtap b', 'event', 'e'), watch('pgtap a', 'event', 'e') \g /dev/null
prepare noted as
select w.kind || ' of ' || t.workflow_id || case when w.waiter_key > 0 then ' by ' || f.workflow_id else '' end
from waits w join workflows t on t.key = w.target_key left join workflows f on f.key = w.waiter_key;

select count(*) from generate_series(1, 20) as i, run_maintenance(i) \g /dev/null
select set_eq(
  'noted',
  array['message of pgtap a by pgtap a', 'event of pgtap b by pgtap a', 'message of pgtap b by pgtap b',
    'event of pgtap a', 'event of pgtap b'],
  'all of them wait'
);
select finish(key, token) from run \g /dev/null
select count(*) from generate_series(1, 50) as i, run_maintenance(i) \g /dev/null
select set_eq('noted', array['message of pgtap b by pgtap b', 'event of pgtap b'], 'when one has ended');

select * from finish();
rollback;

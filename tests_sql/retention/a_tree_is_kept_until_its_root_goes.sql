begin;
\ir ../_setup.inc
\ir _kept.inc
\ir ../delete/_ended.inc
select plan(5);

select pg_temp.worker() as worker \gset
select set_retention(max_age => '1 minute') \g /dev/null
select * from pg_temp.running(:worker, 'pgtap root') \gset
select pg_temp.ended_child(:worker, :key, :token, 1, 'pgtap first') as first_key \gset
select workflow_key as late_key, token as late_token
from start_many(:worker, '{pgtap child}', '{1}', workflow_ids => '{pgtap late}', parent_keys => array[:key],
  parent_tokens => array[:token], parent_steps => '{2}') \gset
set local perdure.test_clock = '2030-01-01 13:00+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap child'), '{pgtap first,pgtap late}', 'a child as long as its parent runs');
select finish(:key, :token) \g /dev/null
set local perdure.test_clock = '2030-01-01 14:00+00';
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap child'), '{pgtap first,pgtap late}', 'all as long as one of them runs');
select finish(:late_key, :late_token) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.kept('pgtap child'), '{pgtap first,pgtap late}', 'it was passed over');
set local perdure.test_clock = '2030-01-03 14:00+00';
select run_maintenance() from generate_series(1, 2) \g /dev/null
select is(pg_temp.kept('pgtap child'), null, 'but the next day it is looked at again');
select is(pg_temp.rows_of(:key), 0::bigint, 'with its root');

select * from finish();
rollback;

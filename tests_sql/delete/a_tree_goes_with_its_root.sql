begin;
\ir ../_setup.inc
\ir _ended.inc
select plan(4);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap root') \gset
select workflow_key as mid_key, token as mid_token
from start_many(:worker, '{pgtap}', '{1}', workflow_ids => '{pgtap mid}', parent_keys => array[:key],
  parent_tokens => array[:token], parent_steps => '{1}') \gset
select pg_temp.ended_child(:worker, :mid_key, :mid_token, 1, 'pgtap leaf') as leaf_key \gset
select pg_temp.ended_child(:worker, :key, :token, 2, 'pgtap side') as side_key \gset
select finish(:mid_key, :mid_token) \g /dev/null
select finish(:key, :token) \g /dev/null

select is(delete_workflows('{pgtap side}'), 1, 'a child alone');
select is(delete_workflows('{pgtap root,pgtap leaf}', children => true), 3, 'one that is named twice over counts once');
select is(pg_temp.rows_of(:leaf_key) + pg_temp.rows_of(:mid_key) + pg_temp.rows_of(:key), 0::bigint);
select is(delete_workflows('{}', children => true), 0, 'nothing is nothing');

select * from finish();
rollback;

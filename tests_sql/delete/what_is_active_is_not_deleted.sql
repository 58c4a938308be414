begin;
\ir ../_setup.inc
\ir _ended.inc
select plan(6);

select pg_temp.worker() as worker \gset
select pg_temp.ended(:worker, 'pgtap a') as ended \gset
select * from pg_temp.running(:worker, 'pgtap b') \gset
select throws_ok(
  $$select delete_workflows('{pgtap a,pgtap b}')$$, 'PD030', 'workflow ''pgtap b'' is active'
);
select is(pg_temp.status('pgtap a'), 'SUCCESS', 'and nothing else either');

-- A child that still runs when its parent has ended.
select workflow_key as child_key, token as child_token
from start_many(:worker, '{pgtap}', '{1}', workflow_ids => '{pgtap c}', parent_keys => array[:key],
  parent_tokens => array[:token], parent_steps => '{1}') \gset
select finish(:key, :token) \g /dev/null
select throws_ok($$select delete_workflows('{pgtap b}', children => true)$$, 'PD030', 'workflow ''pgtap c'' is active');
select is(pg_temp.status('pgtap b'), 'SUCCESS', 'nor its parent with it');
select is(delete_workflows('{pgtap b}'), 1, 'but without it');
select is(parent_id, null, 'it has no parent then') from get_workflow('pgtap c');

select * from finish();
rollback;

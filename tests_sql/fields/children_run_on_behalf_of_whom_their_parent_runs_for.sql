begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(7);

select pg_temp.worker() as executor
\gset
select enqueue(
  'parent', queue => 'pgtap', workflow_id => 'pgtap p', attributes => '{"own": true}', authenticated_user => 'ann',
  authenticated_roles => '{admin}', assumed_role => 'admin', class_name => 'Shop', config_name => 'berlin'
)
\g /dev/null
select workflow_key as key, token from claim(:executor, '{pgtap}')
\gset
select key as plain, token as plain_token from pg_temp.running(:executor, 'pgtap plain')
\gset

select workflow_id from enqueue_many(
  'child', '{null, null}', 'pgtap', parent_keys => array[:key, :plain], parent_tokens => array[:token, :plain_token],
  parent_steps => '{1, 1}'
)
\g /dev/null
select is(pg_temp.origin('pgtap p-1'), 'ann | {admin} | admin', 'neither attributes nor the instance of the parent');
select is(pg_temp.origin('pgtap plain-1'), '', 'beside a child of somebody else');

select is(
  (
    select identity::text
    from start_many(:executor, '{child}', '{null}', parent_keys => array[:key], parent_tokens => array[:token], parent_steps => '{2}')
  ),
  '{"class_name" : null, "config_name" : null, "authenticated_user" : "ann", "authenticated_roles" : ["admin"], "assumed_role" : "admin"}',
  'a child that is started, and its worker is told'
);

select workflow_id from enqueue_many(
  'child', '{null}', 'pgtap', parent_keys => array[:key], parent_tokens => array[:token], parent_steps => '{3}',
  attributes => array['{"n": 3}']::jsonb[], config_name => 'rome'
)
\g /dev/null
select is(pg_temp.origin('pgtap p-3'), '{"n": 3} | ann | {admin} | admin | rome', 'with something of its own');

select workflow_id from enqueue_many(
  'child', '{null}', 'pgtap', parent_keys => array[:key], parent_tokens => array[:token], parent_steps => '{4}',
  authenticated_user => 'bob'
)
\g /dev/null
select is(pg_temp.origin('pgtap p-4'), 'bob', 'somebody else does not get the roles of the parent');
select workflow_id from enqueue_many(
  'child', '{null}', 'pgtap', parent_keys => array[:key], parent_tokens => array[:token], parent_steps => '{5}',
  authenticated_roles => '{}'
)
\g /dev/null
select is(pg_temp.origin('pgtap p-5'), '{}', 'no roles are not those of the parent');

-- To no other application than its parent does a child belong, unless its queue has one.
select enqueue('parent', queue => 'pgtap', workflow_id => 'pgtap a', application => 'pgtap shop') \g /dev/null
select workflow_key as key, token from claim(:executor, '{pgtap}', 100) where workflow_id = 'pgtap a'
\gset
select workflow_id from enqueue_many(
  'child', '{null}', 'pgtap', parent_keys => array[:key], parent_tokens => array[:token], parent_steps => '{1}'
)
\g /dev/null
select is(pg_temp.origin('pgtap a-1'), 'pgtap shop');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(9);

select pg_temp.worker() as executor
\gset

select enqueue(
  'Shop.pay', '[1]', 'pgtap', 'pgtap one', attributes => '{"b": 1, "a": [2]}', authenticated_user => 'ann',
  authenticated_roles => '{user,admin}', assumed_role => 'admin', class_name => 'Shop', config_name => 'berlin',
  application => 'shop'
)
\g /dev/null
select is(
  pg_temp.origin('pgtap one'), '{"a": [2], "b": 1} | ann | {user,admin} | admin | Shop | berlin | shop', 'enqueue'
);

select workflow_id from enqueue_many(
  'Shop.pay', '{1, 2}', 'pgtap', '{pgtap two, pgtap three}', attributes => array['{"n": 2}', null]::jsonb[],
  authenticated_user => 'ann', config_name => 'berlin'
)
\g /dev/null
select is(pg_temp.origin('pgtap two'), '{"n": 2} | ann | berlin', 'attributes are for each');
select is(pg_temp.origin('pgtap three'), 'ann | berlin', 'the rest is for all');

select workflow_id from start(
  :executor, 'Shop.pay', '[1]', 'pgtap four', attributes => '{"n": 4}', authenticated_user => 'bob',
  authenticated_roles => '{}', class_name => 'Shop'
)
\g /dev/null
select is(pg_temp.origin('pgtap four'), '{"n": 4} | bob | {} | Shop', 'start');

select is(
  array_agg(s.identity::text order by s.item),
  array[
    '{"class_name" : "A", "config_name" : null, "authenticated_user" : null, "authenticated_roles" : null, "assumed_role" : null}',
    null
  ],
  'start_many says as what each runs'
)
from start_many(:executor, '{A.a, b}', '{null, null}', class_names => '{A, null}') as s;

select debounce(
  'Shop.pay', 'k', '1 minute', '[1]', 'pgtap', workflow_id => 'pgtap five', attributes => '{"n": 5}',
  authenticated_user => 'cid', config_name => 'rome'
)
\g /dev/null
select debounce('Shop.pay', 'k', '1 minute', '[2]', 'pgtap', attributes => '{"n": 6}') \g /dev/null
select is(pg_temp.origin('pgtap five'), '{"n": 5} | cid | rome', 'debounce: those of the first call count');

select is(
  (select array_agg(c.identity::text order by c.workflow_id) from claim(:executor, '{pgtap}', 10) as c),
  array[
    '{"class_name" : "Shop", "config_name" : "berlin", "authenticated_user" : "ann", "authenticated_roles" : ["user","admin"], "assumed_role" : "admin"}',
    '{"class_name" : null, "config_name" : "berlin", "authenticated_user" : "ann", "authenticated_roles" : null, "assumed_role" : null}',
    '{"class_name" : null, "config_name" : "berlin", "authenticated_user" : "ann", "authenticated_roles" : null, "assumed_role" : null}'
  ],
  'a claim hands it out'
);
select enqueue('plain', queue => 'pgtap', workflow_id => 'pgtap plain') \g /dev/null
select is(identity::text, null, 'and nothing for what says nothing') from claim(:executor, '{pgtap}');
select is(pg_temp.origin('pgtap plain'), '', 'nor is anything stored');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(13);

select pg_temp.worker() as worker \gset
select key, token from pg_temp.running(:worker, 'pgtap o') \gset
select start_many(:worker, '{pgtap, pgtap}', '{1, 1}', '{pgtap c1, pgtap c2}',
  parent_keys => array[:key, :key]::bigint[], parent_tokens => array[:token, :token]::bigint[], parent_steps => '{1, 2}')
\g /dev/null
select fork('pgtap c1', new_workflow_id => 'pgtap n1') \g /dev/null
select fork('pgtap o', 3, new_workflow_id => 'pgtap f', children => '{"pgtap c1": "pgtap n1"}') \g /dev/null
select results_eq($$select child_id from list_steps('pgtap f')$$, $$values ('pgtap n1'), ('pgtap c2')$$);
select results_eq($$select child_id from list_steps('pgtap o')$$, $$values ('pgtap c1'), ('pgtap c2')$$);
select set_eq(
  $$select workflow_id from cancel_many('{pgtap f}', children => true)$$, array['pgtap f'],
  'the children of the original are not those of the fork'
);
select throws_ok($$select fork('pgtap o', children => '{"a": "pgtap none"}')$$, 'PD002');
select throws_ok($$select fork('pgtap o', children => '["a"]')$$, 'PD001',
  'children that take the place of others are not an object of ids');
select throws_ok($$select fork('pgtap o', children => '{"a": 1}')$$, 'PD001');

select register_queue('pgtap parts', partitioned => true) \g /dev/null
create function pg_temp.place(id text) returns text language sql as $$
  select q.name || coalesce(' ' || l.partition_key, '') || ' ' || t.rank
  from workflows w join tasks t using (key) join queues q on q.queue_id = t.queue_id left join lanes l on l.lane_id = t.lane_id
  where w.workflow_id = id
$$;
select enqueue('pgtap', queue => 'pgtap parts', workflow_id => 'pgtap p', partition_key => 'k', priority => 4) \g /dev/null
select is(pg_temp.place(fork('pgtap p')), 'pgtap parts k 0', 'its own');
select is(pg_temp.place(fork('pgtap p', partition_key => 'l', priority => 2)), 'pgtap parts l 2');
select is(pg_temp.place(fork('pgtap o', queue => 'pgtap parts', partition_key => 'l')), 'pgtap parts l 0');
select is(pg_temp.place(fork('pgtap p', queue => 'pgtap')), 'pgtap 0');
select throws_ok($$select fork('pgtap o', queue => 'pgtap parts')$$, 'PD001',
  'queue ''pgtap parts'' has partitions: each workflow needs a partition key');
select throws_ok($$select fork('pgtap o', partition_key => 'k')$$, 'PD001',
  'queue ''pgtap'' has no partitions, but a partition key was given');
select throws_ok($$select fork('pgtap o', queue => 'pgtap none')$$, 'PD007');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(20);

select pg_temp.worker() as worker \gset
create function pg_temp.fork_at(id text, step int default null, name text default null, last text default null)
returns int language plpgsql as $$
declare
  v_id text := fork(id, step, name, last);
begin
  return (select coalesce(max(s.step), 0) + 1 from list_steps(v_id) as s);
end
$$;
select key, token from pg_temp.running(:worker, 'pgtap o') \gset
select is(pg_temp.fork_at('pgtap o'), 1, 'without steps');
select is(pg_temp.fork_at('pgtap o', 1), 1);
select is(pg_temp.fork_at('pgtap o', last => 'step'), 1);
select throws_ok($$select fork('pgtap o', 2)$$, 'PD001', 'workflow ''pgtap o'' cannot be forked from step 2');
select throws_ok($$select fork('pgtap o', from_last => 'failure')$$, 'PD001', 'no step of workflow ''pgtap o'' has failed');

select record_step(:key, :token, 1, 'a'), record_step(:key, :token, 2, 'b'),
  record_step(:key, :token, 3, 'c', error => '{"name": "E", "message": "m"}'), record_step(:key, :token, 4, 'b') \g /dev/null
select is(pg_temp.fork_at('pgtap o', 5), 5, 'after the last');
select throws_ok($$select fork('pgtap o', 6)$$, 'PD001', 'workflow ''pgtap o'' cannot be forked from step 6');
select throws_ok($$select fork('pgtap o', 0)$$, 'PD001', 'workflow ''pgtap o'' cannot be forked from step 0');
select is(pg_temp.fork_at('pgtap o', name => 'b'), 2, 'the first of that name');
select throws_ok($$select fork('pgtap o', from_name => 'x')$$, 'PD001', 'workflow ''pgtap o'' has no step named ''x''');
select is(pg_temp.fork_at('pgtap o', last => 'step'), 4);
select is(pg_temp.fork_at('pgtap o', last => 'failure'), 3);
select throws_ok($$select fork('pgtap o', 1, 'a')$$, 'PD001', 'a fork begins at one place');
select throws_ok($$select fork('pgtap o', from_last => 'moon')$$, 'PD001', 'a fork begins at one place');

-- No step, but the code of the workflow has failed.
select key as k, token as t from pg_temp.running(:worker, 'pgtap c') \gset
select record_step(:k, :t, 1, 'a') \g /dev/null
select finish(:k, :t, error => '{"name": "E", "message": "m"}') \g /dev/null
select is(pg_temp.fork_at('pgtap c', last => 'failure'), 2, 'after its last step');
select key as k, token as t from pg_temp.running(:worker, 'pgtap s') \gset
select finish(:k, :t) \g /dev/null
select throws_ok($$select fork('pgtap s', from_last => 'failure')$$, 'PD001', 'no step of workflow ''pgtap s'' has failed');

-- Many, each from a step of its own, once.
select results_eq(
  $$select item, workflow_id, created from fork_many('{pgtap o, pgtap c, pgtap o}', '{2, null, 4}',
    new_workflow_ids => '{pgtap 1, pgtap 2, pgtap 3}')$$,
  $$values (1, 'pgtap 1', true), (2, 'pgtap 2', true), (3, 'pgtap 3', true)$$
);
select is(
  array[(select count(*) from list_steps('pgtap 1')), (select count(*) from list_steps('pgtap 2')),
    (select count(*) from list_steps('pgtap 3'))],
  '{1, 0, 3}'
);
select results_eq(
  $$select item, workflow_id, created from fork_many('{pgtap o, pgtap o}', '{2, 2}', new_workflow_ids => '{pgtap 1, pgtap 4}')$$,
  $$values (1, 'pgtap 1', false), (2, 'pgtap 4', true)$$,
  'the same fork again is that fork'
);
select throws_ok($$select fork('pgtap c', new_workflow_id => 'pgtap 1')$$, 'PD003',
  'workflow id ''pgtap 1'' belongs to a workflow that is no fork of ''pgtap c''');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(21);

select pg_temp.worker() as worker \gset
select key, token from pg_temp.running(:worker, 'pgtap w') \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null

select is(cancel_in_step(:key, :token, 1, '{pgtap a, pgtap a}')::text, '{ "pgtap a" : "cancelled" }');
select is(resume_in_step(:key, :token, 2, '{pgtap a}')::text, '{ "pgtap a" : "resumed" }');
select is(cancel_in_step(:key, :token, 1, '{pgtap a}')::text, '{ "pgtap a" : "cancelled" }', 'as it is recorded');
select is(pg_temp.status('pgtap a'), 'ENQUEUED', 'and not done again');
select cancel('pgtap a') \g /dev/null
select is(resume_in_step(:key, :token, 2, '{pgtap a}')::text, '{ "pgtap a" : "resumed" }');
select is(pg_temp.status('pgtap a'), 'CANCELLED');

select is(fork_in_step(:key, :token, 3, '{pgtap a}')::text, '["pgtap w-3"]', 'its id is that of the step');
select is(fork_in_step(:key, :token, 3, '{pgtap a}')::text, '["pgtap w-3"]');
select is(fork_in_step(:key, :token, 4, '{pgtap a, pgtap a}')::text, '["pgtap w-4-1", "pgtap w-4-2"]');
select is((select count(*)::int from workflows where forked_from = 'pgtap a'), 3);
select results_eq(
  $$select step, name, completed_at is not null from list_steps('pgtap w')$$,
  $$values (1, 'perdure.cancel', true), (2, 'perdure.resume', true), (3, 'perdure.fork', true), (4, 'perdure.fork', true)$$
);
select throws_ok(format('select fork_in_step(%s, %s, 1, %L)', :key, :token, '{pgtap a}'), 'PD005');
select throws_ok(format('select cancel_in_step(%s, %s, 5, %L)', :key, :token, '{pgtap none}'), 'PD002');
select is_empty($$select from list_steps('pgtap w') where step = 5$$);

-- What it was about is gone meanwhile.
select delete_workflows('{pgtap a}') \g /dev/null
select is(cancel_in_step(:key, :token, 1, '{pgtap a}')::text, '{ "pgtap a" : "cancelled" }');
select is(resume_in_step(:key, :token, 2, '{pgtap a}', 'pgtap gone')::text, '{ "pgtap a" : "resumed" }');
select is(fork_in_step(:key, :token, 3, '{pgtap a}', queue => 'pgtap gone')::text, '["pgtap w-3"]');
select throws_ok(format('select cancel_in_step(%s, -1, 1, %L)', :key, '{pgtap a}'), 'PD004');

-- It may cancel itself.
select is(cancel_in_step(:key, :token, 5, '{pgtap w}')::text, '{ "pgtap w" : "cancelled" }');
select is(pg_temp.status('pgtap w'), 'CANCELLED');
select throws_ok(format('select resume_in_step(%s, %s, 6, %L)', :key, :token, '{pgtap w}'), 'PD004');

select * from finish();
rollback;

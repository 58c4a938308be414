begin;
\ir ../_setup.inc
select plan(15);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select throws_ok($$select cancel_many('{pgtap a, pgtap none}')$$, 'PD002', 'workflow ''pgtap none'' does not exist');
select throws_ok($$select cancel(null)$$, 'PD002');
select throws_ok($$select resume_many('{pgtap a, pgtap none}', 'pgtap')$$, 'PD002', 'workflow ''pgtap none'' does not exist');
select throws_ok($$select fork_many('{pgtap a, pgtap none}')$$, 'PD002', 'workflow ''pgtap none'' does not exist');
select throws_ok($$select resume('pgtap a', 'pgtap none')$$, 'PD007');
select is(pg_temp.status('pgtap a'), 'ENQUEUED');
select throws_ok($$select fork_many('{pgtap a}', '{1, 2}')$$, 'PD001', 'the arrays given to fork_many differ in length');
select throws_ok($$select fork_many(null)$$, 'PD001', 'the arrays given to fork_many differ in length');
select throws_ok($$select fork('pgtap a', new_workflow_id => '')$$, 'PD001', 'workflow id is empty');
select throws_ok($$select fork('pgtap a', timeout => '-1 s')$$, 'PD001');
select is_empty($$select from fork_many(array[]::text[])$$);
select is_empty($$select from resume_many(array[]::text[])$$);
select is_empty($$select from workflows where forked_from = 'pgtap a'$$);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b') \g /dev/null
select is_empty($$select from workflows where workflow_id = 'pgtap b' and was_forked$$);
select is(pg_temp.status('pgtap b'), 'ENQUEUED');

select * from finish();
rollback;

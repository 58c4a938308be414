begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select start(:worker, 'pgtap', workflow_id => 'pgtap ' || i) from generate_series(1, 2) as i \g /dev/null

select is(reconcile(:worker, '{}'), 2, 'an empty array');
select claim(:worker, '{}', 10) \g /dev/null
select is(reconcile(:worker, null), 2, 'null');

select * from finish();
rollback;

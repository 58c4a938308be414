begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select start(:worker, 'pgtap', workflow_id => 'pgtap ' || i) from generate_series(1, 2) as i \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap waits') \g /dev/null
select pg_temp.lapse(:worker) \g /dev/null

-- One of two: the executor is lapsed and its row is still there.
select run_maintenance(1) \g /dev/null
select throws_ok(format($$select claim(%s, array['pgtap'])$$, :worker), 'PD006', null, 'claim');
select throws_ok(format($$select start(%s, 'pgtap')$$, :worker), 'PD006', null, 'start');

select run_maintenance(1) \g /dev/null
select throws_ok(format($$select claim(%s, array['pgtap'])$$, :worker), 'PD006', null, 'when all is taken');
select is(pg_temp.status('pgtap waits'), 'ENQUEUED');

select * from finish();
rollback;

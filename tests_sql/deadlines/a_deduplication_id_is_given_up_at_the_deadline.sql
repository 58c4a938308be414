begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pgtap', queue => 'pgtap', deduplication_id => 'pgtap', timeout => '1 hour') \g /dev/null
select count(*) from claim(:worker, array['pgtap']) \g /dev/null
select throws_ok(
  $$select enqueue('pgtap', queue => 'pgtap', deduplication_id => 'pgtap')$$, 'PD012', null, 'it is held'
);
set local perdure.test_clock = '2030-01-01 13:00+00';
select is((select workflows_timed_out from run_maintenance()), 1);
select lives_ok($$select enqueue('pgtap', queue => 'pgtap', deduplication_id => 'pgtap')$$, 'it is free');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _maintained.inc
select plan(3);

select pg_temp.worker() as worker \gset
select start(:worker, 'pgtap', workflow_id => 'pgtap none', max_recovery_attempts => 0),
  start(:worker, 'pgtap', workflow_id => 'pgtap one', max_recovery_attempts => 1) \g /dev/null
select pg_temp.lapse(:worker) \g /dev/null

select is(pg_temp.maintained(), '{1, 1, 1, 0, 0}');
select is(pg_temp.status('pgtap none'), 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
select is(pg_temp.status('pgtap one'), 'ENQUEUED');

select * from finish();
rollback;

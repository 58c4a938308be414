begin isolation level read uncommitted;
\ir ../_setup.inc
select plan(9);

create temp table allowed as
select unnest(array[
  'select claim(pg_temp.worker(), array[''pgtap''])', 'select update_queue(''pgtap'', ''{"concurrency": 1}'')',
  'select register_queue(''pgtap'', concurrency => 1, on_conflict => ''update'')', 'select pause_queue(''pgtap'')',
  'select resume_queue(''pgtap'')', 'select reconcile(pg_temp.worker(), ''{}'')',
  'select deregister_executor(pg_temp.worker())', 'select run_maintenance()', 'select delete_queue(''pgtap'')'
]) as statement;
select lives_ok(statement, statement) from allowed;

select * from finish();
rollback;

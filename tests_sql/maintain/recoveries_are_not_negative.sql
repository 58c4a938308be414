begin;
\ir ../_setup.inc
select plan(3);

select throws_ok(statement, 'PD001', 'max_recovery_attempts cannot be negative', statement)
from unnest(array[
  'select enqueue(''pgtap'', queue => ''pgtap'', max_recovery_attempts => -1)',
  'select enqueue_many(''pgtap'', ''{1, 2}'', ''pgtap'', max_recovery_attempts => -1)',
  'select start_many(pg_temp.worker(), ''{a, b}'', ''{1, 2}'', max_recovery_attempts => ''{0, -1}'')'
]) as statement;

select * from finish();
rollback;

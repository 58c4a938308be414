begin;
\ir ../_setup.inc
select plan(4);

select throws_ok(statement, 'PD001', 'nothing is enqueued in the internal queue', statement)
from unnest(array[
  'select enqueue(''pgtap'', queue => ''_internal'')',
  'select enqueue(''pgtap'', queue => ''_internal'', create_queue => true)',
  'select enqueue_many(''pgtap'', ''{1, 2}'', ''_internal'')',
  'select debounce(''pgtap'', ''key'', ''1 minute'', queue => ''_internal'')'
]) as statement;

select * from finish();
rollback;

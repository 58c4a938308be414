begin;
\ir ../_setup.inc
\ir _hint.inc
\ir _settings.inc
select plan(9);

select throws_ok(
  format($$select enqueue('pay', queue => 'pgtap new', create_queue => %L)$$, create_queue),
  'PD007', 'queue ''pgtap new'' does not exist', 'create_queue => ' || coalesce(create_queue::text, 'null')
)
from unnest('{false, NULL}'::boolean[]) as create_queue;
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap new')$$),
  format('Register it first: select %I.register_queue(''pgtap new'')', :'schema')
);

select enqueue('pay', queue => 'pgtap new', workflow_id => 'pgtap a', create_queue => true) \g /dev/null
select is(queue, 'pgtap new', 'it waits there') from get_workflow('pgtap a');
select is(pg_temp.settings('pgtap new'), '- - - - f - - - -', 'without limits');
select lives_ok($$select enqueue('pay', queue => 'pgtap new', create_queue => true)$$, 'it is there already');

select enqueue_many('pay', '{1, 2}', 'pgtap newer', create_queue => true) \g /dev/null
select is(waiting, 2::bigint, 'enqueue_many') from queue_stats('pgtap newer');
select throws_ok(
  format($$select enqueue('pay', queue => %L, create_queue => true)$$, queue), 'PD001', null, left(queue, 5)
)
from unnest(array['', repeat('x', 513)]) as queue;

select * from finish();
rollback;

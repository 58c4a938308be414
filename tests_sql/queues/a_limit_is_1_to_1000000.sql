begin;
\ir ../_setup.inc
\ir _hint.inc
select plan(27);

create temp table limits (name text, besides text);
insert into limits values
  ('concurrency', ''), ('worker_concurrency', ''), ('rate_limit', ', rate_period => ''1 second'''),
  ('partition_concurrency', ', partitioned => true'),
  ('partition_rate_limit', ', partitioned => true, partition_rate_period => ''1 second''');

select throws_ok(
  format('select register_queue(%L, %s => %s%s)', 'pgtap limit', name, value, besides),
  'PD001', format('%s of queue ''pgtap limit'' cannot be %s', name, value)
)
from limits, unnest('{0, -1, 1000001}'::int[]) as value
order by name, value;

select lives_ok(
  format('select register_queue(%L, %s => %s%s)', format('pgtap %s %s', name, value), name, value, besides),
  format('%s %s', name, value)
)
from limits, unnest('{1, 1000000}'::int[]) as value
order by name, value;
select is(
  pg_temp.hint($$select register_queue('pgtap limit', concurrency => 0)$$),
  'Give 1 to 1000000, or null for no limit. To stop a queue, pause it.'
);
select ok(not exists (select from list_queues() where queue = 'pgtap limit'), 'none was made');

select * from finish();
rollback;

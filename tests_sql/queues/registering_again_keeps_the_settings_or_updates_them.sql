begin;
\ir ../_setup.inc
\ir _settings.inc
select plan(11);

select register_queue('pgtap orders', concurrency => 3, priority_ageing => '1 minute') \g /dev/null
select ok(not register_queue('pgtap orders', worker_concurrency => 5), 'unless told otherwise');
select is(pg_temp.settings('pgtap orders'), '3 - - - f - - - 00:01:00', 'they are kept');
select ok(not register_queue('pgtap orders', worker_concurrency => 5, on_conflict => 'keep'));
select is(pg_temp.settings('pgtap orders'), '3 - - - f - - - 00:01:00', 'keep');

select pause_queue('pgtap orders') \g /dev/null
select ok(not register_queue('pgtap orders', worker_concurrency => 5, on_conflict => 'update'));
select is(pg_temp.settings('pgtap orders'), '- 5 - - f - - - - paused', 'update: to exactly these; it stays paused');
select ok(register_queue('pgtap new', concurrency => 1, on_conflict => 'update'), 'a new one is made');
select is(pg_temp.settings('pgtap new'), '1 - - - f - - - -');

select throws_ok(
  format($$select register_queue('pgtap orders', on_conflict => %L)$$, on_conflict),
  'PD001', format('on_conflict cannot be %L', on_conflict)
)
from unnest('{replace, NULL}'::text[]) as on_conflict;
select throws_ok(
  $$select register_queue('pgtap orders', concurrency => 0)$$, 'PD001', null, 'they are checked also where they are not used'
);

select * from finish();
rollback;

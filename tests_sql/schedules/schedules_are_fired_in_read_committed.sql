begin;
set transaction isolation level repeatable read;
\ir ../_setup.inc
select plan(4);

select throws_ok(
  'select fire_schedules()', 'PD001', 'fire_schedules cannot run in a transaction that is repeatable read'
);
select throws_ok(
  $$select apply_schedules('[]')$$, 'PD001', 'apply_schedules cannot run in a transaction that is repeatable read'
);
select lives_ok($$select create_schedule('pgtap', 'w', '@daily')$$);
select lives_ok($$select trigger_schedule('pgtap')$$);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(6);

select throws_ok($$select update_queue('_internal', '{"concurrency": 1}')$$, 'PD001', null, 'update_queue');
select throws_ok($$select pause_queue('_internal')$$, 'PD001', null, 'pause_queue');
select throws_ok($$select resume_queue('_internal')$$, 'PD001', null, 'resume_queue');
select throws_ok(
  $$select register_queue('_internal', concurrency => 1, on_conflict => 'update')$$,
  'PD001', null, 'register_queue'
);
select ok(not register_queue('_internal', concurrency => 1), 'registering it changes nothing');
select is(concurrency, null) from queues where name = '_internal';

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(30);

select register_queue('pgtap a', application => 'pgtap shop') \g /dev/null
select is(application, 'pgtap shop') from list_queues() where queue = 'pgtap a';
select is(register_queue('pgtap a', application => 'pgtap shop'), false, 'again');
select throws_ok(
  $$select register_queue('pgtap a', application => 'pgtap bank')$$,
  'PD013', 'queue ''pgtap a'' belongs to application ''pgtap shop'''
);
select throws_ok(
  $$select register_queue('pgtap a', concurrency => 1, on_conflict => 'update', application => 'pgtap bank')$$, 'PD013'
);
select is(register_queue('pgtap a', concurrency => 1, on_conflict => 'update'), false);
select is(application, 'pgtap shop', 'who says nothing takes nothing') from list_queues() where queue = 'pgtap a';

select register_queue('pgtap', application => 'pgtap shop') \g /dev/null
select is(application, null, 'what exists is kept') from list_queues() where queue = 'pgtap';
select register_queue('pgtap', on_conflict => 'update', application => 'pgtap shop') \g /dev/null
select is(application, 'pgtap shop', 'unless it is updated') from list_queues() where queue = 'pgtap';
select register_queue('default', on_conflict => 'update', application => 'pgtap shop') \g /dev/null
select is(application, null, 'default stays everybody''s') from list_queues() where queue = 'default';

select enqueue('w', queue => 'pgtap made', create_queue => true, application => 'pgtap shop') \g /dev/null
select is(application, 'pgtap shop', 'a queue is made for who enqueues') from list_queues() where queue = 'pgtap made';

select debounce('w', 'pgtap', '1 s', workflow_id => 'pgtap d', application => 'pgtap bank') \g /dev/null
select is(application, 'pgtap bank', 'in everybody''s, work is of who debounces') from get_workflow('pgtap d');

-- Its own queue has its name, and is made when it is needed.
select enqueue('w', queue => null, workflow_id => 'pgtap own', application => 'pgtap shop') \g /dev/null
select is(queue || ' of ' || application, 'pgtap shop of pgtap shop') from get_workflow('pgtap own');
select is(application, 'pgtap shop') from list_queues() where queue = 'pgtap shop';
select enqueue_many('w', '{null}', null, '{pgtap own 2}', application => 'pgtap shop') \g /dev/null
select is(queue, 'pgtap shop') from get_workflow('pgtap own 2');
select debounce('w', 'pgtap', '1 s', queue => null, workflow_id => 'pgtap own 3', application => 'pgtap bank') \g /dev/null
select is(queue, 'pgtap bank') from get_workflow('pgtap own 3');
select create_schedule('pgtap own', 'w', '@daily', queue => null, application => 'pgtap third') \g /dev/null
select is(queue, 'pgtap third') from get_schedule('pgtap own');
select is(application, 'pgtap third') from list_queues() where queue = 'pgtap third';
select outcome from apply_schedules('[{"schedule": "pgtap own 2", "workflow": "w", "cron": "@daily"}]', application => 'pgtap fourth')
\g /dev/null
select is(s.queue || ' of ' || q.application, 'pgtap fourth of pgtap fourth', 'so for schedules')
from get_schedule('pgtap own 2') as s join list_queues() as q using (queue);
select outcome from apply_schedules('[{"schedule": "pgtap own 3", "workflow": "w", "cron": "@daily", "queue": null}]') \g /dev/null
select is(queue, 'default', 'without an application it is default') from get_schedule('pgtap own 3');
select delete_schedule(schedule) from list_schedules() where schedule like 'pgtap own%' \g /dev/null
select throws_ok($$select enqueue('w', queue => null, application => '')$$, 'PD001');

select throws_ok($$select register_queue('_internal/x')$$, 'PD001', 'a queue cannot be named ''_internal/x''');
select throws_ok($$select enqueue('w', queue => '_internal/x')$$, 'PD001', 'nothing is enqueued in the internal queue');
select throws_ok(
  format($$select register_executor('x', application => %L)$$, repeat('a', 401)), 'PD001', 'application is too long: 401 bytes'
);

select throws_ok($$select enqueue('w', queue => 'pgtap', application => '')$$, 'PD001', 'application is empty');
select throws_ok(
  format($$select enqueue_many('w', '{null}', 'pgtap', application => %L)$$, repeat('a', 401)),
  'PD001', 'application is too long: 401 bytes'
);
select throws_ok(
  $$select debounce('w', 'k', '1 s', queue => 'pgtap', application => '')$$, 'PD001', 'application is empty'
);

set local perdure.test_clock = '2030-01-01 12:00:30+00';
select create_schedule('pgtap s', 'w', '* * * * *', queue => 'default', application => 'pgtap shop') \g /dev/null
select throws_ok(
  $$select apply_schedules('[{"schedule": "pgtap s", "workflow": "w", "cron": "* * * * *"}]', application => 'pgtap bank')$$,
  'PD021', 'schedule ''pgtap s'' belongs to application ''pgtap shop'''
);
select outcome from apply_schedules('[{"schedule": "pgtap s", "workflow": "v", "cron": "* * * * *"}]') \g /dev/null
select is(application, 'pgtap shop') from get_schedule('pgtap s');
set local perdure.test_clock = '2030-01-01 12:01:30+00';
select is(fire_schedules(), 1);
select is(
  (select schedule || ' of ' || application from workflows where name = 'v' and workflow_id like 'sched-pgtap s-%'),
  'pgtap s of pgtap shop', 'its workflows say whose they are'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(6);

update executors set lapsed = true;
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select results_eq(
  $$select * from explain_wait('pgtap a')$$, $$values ('no executor', 'no executor is alive')$$
);
select pause_queue('pgtap') \g /dev/null
select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('queue paused', 'queue pgtap is paused'), ('no executor', 'no executor is alive')$$,
  'both'
);

select pg_temp.worker() as worker \gset
select results_eq($$select reason from explain_wait('pgtap a')$$, $$values ('queue paused')$$);
select resume_queue('pgtap') \g /dev/null
select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('no idle executor', 'no executor has been idle on queue pgtap in the last seconds')$$,
  'it serves other queues, or has enough to do'
);
update queues set listening_until = clock_timestamp() - interval '1 second' where name = 'pgtap';
select results_eq(
  $$select reason from explain_wait('pgtap a')$$, $$values ('no idle executor')$$, 'it was idle a while ago'
);
update queues set listening_until = clock_timestamp() + interval '1 minute' where name = 'pgtap';
select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('next', 'nothing holds it: the next claim that serves queue pgtap takes it')$$
);

select * from finish();
rollback;

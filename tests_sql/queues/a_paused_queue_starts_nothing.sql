begin;
\ir ../_setup.inc
select plan(9);

select pg_temp.worker() as worker \gset
select register_queue('pgtap ' || name, limit_) from (values ('free', null), ('limited', 5)) as q (name, limit_) \g /dev/null
select enqueue_many('pgtap', '{1, 2, 3}', 'pgtap ' || name) from unnest('{free, limited}'::text[]) as name \g /dev/null
create temp table run as
select row_number() over () as i, * from claim(:worker, array['pgtap free', 'pgtap limited'], 4);
select pause_queue('pgtap ' || name) from unnest('{free, limited}'::text[]) as name \g /dev/null

select is_empty(format($$select claim(%s, array['pgtap free', 'pgtap limited'], 10)$$, :worker), 'what waits goes on waiting');
select lives_ok(
  $$select enqueue('pgtap', queue => 'pgtap free', workflow_id => 'pgtap late')$$, 'more may be enqueued'
);
select is(pg_temp.status('pgtap late'), 'ENQUEUED');
select ok(finish(workflow_key, token), 'what runs ends') from run where i = 1;
select suspend(workflow_key, token) from run where i = 2 \g /dev/null
select is_empty(
  format($$select claim(%s, array['pgtap free', 'pgtap limited'], 10)$$, :worker), 'what was put down does not return'
);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap other') \g /dev/null
select is(
  array(select workflow_id from claim(:worker, max_workflows => 10000) where queue ~ '^pgtap'), '{pgtap other}',
  'other queues go on'
);

select resume_queue('pgtap free') \g /dev/null
select is(
  (select array_agg(distinct queue) from claim(:worker, array['pgtap free', 'pgtap limited'], 10)), '{pgtap free}',
  'one is resumed'
);
select resume_queue('pgtap limited') \g /dev/null
select is(
  (select array_agg(distinct queue) from claim(:worker, array['pgtap free', 'pgtap limited'], 10)),
  '{pgtap limited}', 'both are'
);
select is(
  (select sum(waiting) from queue_stats() where queue in ('pgtap free', 'pgtap limited')), 0::numeric, 'nothing is left'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(19);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pgtap', '7', 'pgtap', 'pgtap a', priority => 3, timeout => '1 hour', deduplication_id => 'd', retries => 2)
\g /dev/null
select workflow_key as key, token from claim(:worker, array['pgtap']) \gset
select record_step(:key, :token, 1, 'one', '1') \g /dev/null
select recv(:key, :token, 2, timeout => '2 hours') \g /dev/null
select sleep(:key, :token, 3, '3 hours') \g /dev/null
update tasks set attempts = 5, failures = 2 where key = :key;
select ok(cancel('pgtap a'));
select throws_ok(format('select record_step(%s, %s, 4, %L)', :key, :token, 's'), 'PD004');

set local perdure.test_clock = '2030-01-01 13:30+00';
select results_eq(
  $$select item, workflow_id, outcome, status from resume_many('{pgtap a}')$$,
  $$values (1, 'pgtap a', 'resumed', 'ENQUEUED')$$
);
select row_eq(
  $$select status, queue, priority, attempts, failures, deadline, output::text, completed_at from get_workflow('pgtap a')$$,
  row('ENQUEUED'::text, 'pgtap'::text, 3, 0, 0, null::timestamptz, null::text, null::timestamptz)
);
select throws_ok(format('select record_step(%s, %s, 4, %L)', :key, :token, 's'), 'PD004', null, 'the old run stays out');
select lives_ok(
  $$select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap d', deduplication_id => 'd', priority => 9)$$,
  'it has no deduplication id any more'
);

create temp table claimed as select * from claim(:worker, array['pgtap'], 1);
select is(attempt, 1) from claimed;
select is(time_left, '1 hour', 'its timeout counts anew') from claimed;
select is(
  (select array_agg((s ->> 'step')::int * case when (s ->> 'completed')::boolean then 1 else -1 end)
   from json_array_elements(steps) as s),
  '{1, -2, 3}', 'with the steps it had'
)
from claimed;
select workflow_key as key, token from claimed \gset
select send('pgtap a', '"hello"') \g /dev/null
select is(sleep(:key, :token, 3, '3 hours'), '01:30:00', 'a sleep goes on');
select results_eq(
  format('select outcome, message::text from recv(%s, %s, 2, timeout => %L)', :key, :token, '2 hours'),
  $$values ('received', '"hello"')$$, 'so does a wait'
);

select results_eq(
  $$select outcome, status from resume_many('{pgtap a, pgtap d}')$$,
  $$values ('active', 'PENDING'), ('active', 'ENQUEUED')$$, 'what is active goes its way'
);
select finish(:key, :token, '1') \g /dev/null
select key as failed, token as failed_token from pg_temp.running(:worker, 'pgtap failed') \gset
select finish(:failed, :failed_token, error => '{"name": "E", "message": "m"}') \g /dev/null
select results_eq(
  $$select outcome, status from resume_many('{pgtap a, pgtap failed}')$$,
  $$values ('ended before', 'SUCCESS'), ('ended before', 'ERROR')$$
);
select ok(not resume('pgtap a'));

-- Dead-lettered, with its children, twice over.
select key as parent, token as parent_token from pg_temp.running(:worker, 'pgtap parent') \gset
select start_many(:worker, '{pgtap}', '{1}', '{pgtap child}', parent_keys => array[:parent::bigint],
  parent_tokens => array[:parent_token::bigint], parent_steps => '{1}') \g /dev/null
update tasks set attempts = 200 where key = :parent;
select pg_temp.lapse(:worker) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.status('pgtap parent'), 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
select ok(cancel('pgtap child'));
select results_eq(
  $$select item, workflow_id, outcome from resume_many('{pgtap parent, pgtap parent}', children => true)$$,
  $$values (1, 'pgtap parent', 'resumed'), (2, 'pgtap parent', 'resumed'), (null, 'pgtap child', 'resumed')$$
);
select is(queue, null, 'what was started directly goes to the internal queue') from get_workflow('pgtap child');
select pg_temp.worker() as worker \gset
select set_eq(
  format('select workflow_id, queue, attempt from claim(%s, %L, 10) where workflow_id ~ %L', :worker, '{pgtap}', 'parent|child'),
  $$values ('pgtap parent', 'pgtap', 1), ('pgtap child', null, 1)$$
);

select * from finish();
rollback;

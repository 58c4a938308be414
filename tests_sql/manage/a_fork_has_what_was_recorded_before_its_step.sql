begin;
\ir ../_setup.inc
select plan(20);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', '{"x": 1}', 'pgtap', 'pgtap o', priority => -5, retries => 3, retry_interval => '5 seconds',
  max_recovery_attempts => 7, deduplication_id => 'd', app_version => 'v1') \g /dev/null
update workflows set attributes = '{"a": 1}', application = 'app', class_name = 'C', config_name = 'c',
  authenticated_user = 'u', authenticated_roles = '{r}', assumed_role = 'r', schedule = 's'
where workflow_id = 'pgtap o';
select workflow_key as key, token from claim(:worker, array['pgtap']) \gset
select send('pgtap o', '"m"'), send('pgtap o', '"left"') \g /dev/null
select record_step(:key, :token, 1, 'one', '{"z":1,  "a":2}') \g /dev/null
select recv(:key, :token, 2) \g /dev/null
select set_event(:key, :token, 3, 'e', '"old"') \g /dev/null
select write_stream(:key, :token, 4, 's', '0') \g /dev/null
select set_event(:key, :token, 5, 'e', '"new"') \g /dev/null
select write_stream(:key, :token, 7, 's', '"left out"') \g /dev/null
select write_stream(:key, :token, 6, 's', '1') \g /dev/null
select set_event(:key, :token, 8, 'e', '"newest"') \g /dev/null
select close_stream(:key, :token, 9, 's') \g /dev/null
select record_step(:key, :token, 10, 'ten', error => '{"name": "E", "message": "m"}') \g /dev/null

select fork('pgtap o', 7, new_workflow_id => 'pgtap f', priority => -5) \g /dev/null
select results_eq(
  $$select step, name, output::text, error::text, attempts, completed_at from list_steps('pgtap f')$$,
  $$select step, name, output::text, error::text, attempts, completed_at from list_steps('pgtap o') where step < 7$$
);
select results_eq($$select name, value::text from get_all_events('pgtap f')$$, $$values ('e', '"new"')$$);
select is((select count(*)::int from events join workflows using (key) where workflow_id = 'pgtap f'), 2, 'the history, too');
select results_eq($$select entry, value::text from read_stream('pgtap f', 's')$$, $$values (0, '0'), (1, '1')$$);
select is_empty($$select from messages join workflows using (key) where workflow_id = 'pgtap f'$$);
select is(
  (
    select concat_ws(' ', name, input, max_recovery_attempts, retries, retry_interval, attributes, application, class_name,
      config_name, authenticated_user, authenticated_roles, assumed_role, forked_from)
    from workflows where workflow_id = 'pgtap f'
  ),
  'pgtap {"x": 1} 7 3 00:00:05 {"a": 1} app C c u {r} r pgtap o'
);
select is_empty(
  $$
    select from workflows
    where workflow_id = 'pgtap f' and num_nonnulls(schedule, app_version, deduplication_id, parent_key, timeout, deadline) > 0
  $$
);
select is(
  (select array_agg(w.workflow_id || ' ' || w.was_forked order by w.key) from workflows w where w.workflow_id ~ '^pgtap [of]$'),
  '{pgtap o true, pgtap f false}'
);

-- It goes on by itself.
create temp table claimed as select * from claim(:worker, array['pgtap']);
select is(workflow_id, 'pgtap f') from claimed;
select is(json_array_length(steps), 6) from claimed;
select workflow_key as fkey, token as ftoken from claimed \gset
select is((select outcome from recv(:fkey, :ftoken, 2)), 'recorded before', 'what was received is not received again');
select ok(write_stream(:fkey, :ftoken, 7, 's', '2'));
select ok(record_step(:key, :token, 11, 'eleven'), 'the original goes on, too');

-- A fork of the fork, of one that was cancelled.
select cancel('pgtap f') \g /dev/null
select fork('pgtap f', from_last => 'step', new_workflow_id => 'pgtap ff', queue => '_internal', app_version => 'v2',
  timeout => '1 hour') \g /dev/null
select results_eq($$select entry, value::text from read_stream('pgtap ff', 's')$$, $$values (0, '0'), (1, '1')$$);
select results_eq(
  $$select queue, app_version, timeout, status from get_workflow('pgtap ff')$$,
  $$values (null::text, 'v2', interval '1 hour', 'ENQUEUED')$$
);
select is(forked_from, 'pgtap f') from workflows where workflow_id = 'pgtap ff';
select is((select max(step) from list_steps('pgtap ff')), 6);

-- From the beginning there is nothing to copy.
select fork('pgtap o', new_workflow_id => 'pgtap anew') \g /dev/null
select is_empty($$select from list_steps('pgtap anew')$$);
select is_empty($$select from get_all_events('pgtap anew')$$);

-- What waits or is to be tried again has not been done.
select recv(:key, :token, 12, 't') \g /dev/null
select fail_step(:key, :token, 13, 'flaky', '{"name": "E", "message": "m"}', 1, 5) \g /dev/null
select record_step(:key, :token, 14, 'last') \g /dev/null
select fork('pgtap o', 15, new_workflow_id => 'pgtap late') \g /dev/null
select is((select array_agg(step) from list_steps('pgtap late') where step > 10), '{11, 14}');

select * from finish();
rollback;

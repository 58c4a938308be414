begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(16);

select register_executor('old', application => 'pgtap old') as old
\gset
select register_queue('pgtap q', application => 'pgtap old') \g /dev/null
select create_schedule('pgtap s', 'w', '* * * * *', application => 'pgtap old') \g /dev/null
select enqueue('w', queue => 'pgtap q', workflow_id => 'one') \g /dev/null
select workflow_id from start(:old, 'w', null, 'direct') \g /dev/null
select workflow_key as key, token from start(:old, 'w', null, 'running')
\gset
select is((select array_agg(c.workflow_id) from claim(:old, '{}', 1) as c), null, 'nothing to recover yet');

-- The new name is in use already.
select register_executor('new', application => 'pgtap new') as new
\gset
select is(rename_application('pgtap old', 'pgtap new')::text, '(3,1,1)', 'workflows, queues, schedules');
select is(pg_temp.origin('one'), 'pgtap new');
select is(application, 'pgtap new') from list_queues() where queue = 'pgtap q';
select is(application, 'pgtap new') from list_schedules() where schedule = 'pgtap s';
select is(application, 'pgtap new', 'executors as well') from list_executors() where executor_id = :old;
select lives_ok(format('select finish(%s, %s, %L)', :key, :token, '1'), 'what runs goes on');

select deregister_executor(:old) \g /dev/null
select is(
  (select array_agg(c.workflow_id order by c.workflow_id) from claim(:new, null, 100) as c where c.workflow = 'w'),
  '{direct,one}', 'and is recovered under the new name'
);
select is(rename_application('pgtap old', 'pgtap new')::text, '(0,0,0)', 'once more is nothing');
select is(rename_application('pgtap new', 'pgtap new')::text, '(0,0,0)', 'nor is a name to itself');

select throws_ok($$select rename_application('pgtap new', '')$$, 'PD001', 'application is empty');
select throws_ok($$select rename_application('', 'pgtap new')$$, 'PD001', 'application is empty');

select enqueue('w', queue => 'pgtap', workflow_id => 'nobodys') \g /dev/null
select queues from rename_application(null, 'pgtap new') \g /dev/null
select is(pg_temp.origin('nobodys'), 'pgtap new', 'what belongs to none is taken in');

select is(application, null, 'but the default queue is everybody''s') from list_queues() where queue = 'default';

select register_version('one', application => 'pgtap new'), register_version('one', application => 'pgtap shop'),
  register_version('two', application => 'pgtap new')
\g /dev/null
select workflows from rename_application('pgtap new', 'pgtap shop') \g /dev/null
select is((select array_agg(app_version order by app_version) from list_versions('pgtap shop')), '{one,two}', 'versions too');
select is((select array_agg(app_version) from list_versions('pgtap new')), null, 'each once');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(14);

select register_executor('s', application => 'pgtap shop') as shop, register_executor('n') as nobody
\gset
select register_queue('pgtap bank q', application => 'pgtap bank') \g /dev/null
create function pg_temp.claimed(executor bigint) returns text[] language sql as $$
  select array_agg(c.workflow_id order by c.workflow_id) from claim(executor, '{}', 100) as c
$$;

select workflow_id from start(:shop, 'w', null, 'direct', attributes => '{"a": 1}', authenticated_user => 'ann', config_name => 'berlin')
\g /dev/null
select cancel('direct') \g /dev/null
select resume('direct') \g /dev/null
select is(pg_temp.claimed(:nobody), null, 'a worker of none does not claim what is resumed');
select is(pg_temp.claimed(:shop), '{direct}', 'but one of its application');

select fork('direct', new_workflow_id => 'forked') \g /dev/null
select is(pg_temp.origin('forked'), '{"a": 1} | ann | berlin | pgtap shop', 'a fork is as its original');
select is((select queue from get_workflow('forked')), null, 'started directly');
select is(pg_temp.claimed(:nobody), null);
select is(pg_temp.claimed(:shop), '{forked}');

select fork('direct', new_workflow_id => 'given', queue => 'pgtap bank q') \g /dev/null
select is((select application from get_workflow('given')), 'pgtap bank', 'in the queue of another it is that one''s');
select cancel('direct') \g /dev/null
select resume('direct', queue => 'pgtap bank q') \g /dev/null
select is((select application from get_workflow('direct')), 'pgtap bank', 'so is what is resumed there');

select is(
  (select detail from explain_wait('direct') where reason = 'no executor'),
  'no executor of application pgtap bank is alive', 'why it waits'
);
select register_executor('b', application => 'pgtap bank') as bank
\gset
select is((select array_agg(reason) from explain_wait('direct')), '{no idle executor}');

select is(
  (select array_agg(w.workflow_id order by w.workflow_id) from list_workflows(applications => '{pgtap bank}') as w),
  '{direct,given}', 'lists tell of one application'
);
select is((select authenticated_user from get_workflow('direct')), 'ann');

-- A document brings back what was started directly.
select workflow_id from start(:shop, 'w', null, 'exported') \g /dev/null
select export_workflow('exported')::text as document
\gset
select delete_workflows(array['exported']) from cancel('exported') \g /dev/null
select import_workflow(:'document') \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.claimed(:nobody), null, 'what is imported stays with it as well');
select is(pg_temp.claimed(:shop), '{exported}');

select * from finish();
rollback;

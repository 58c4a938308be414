begin;
\ir ../_setup.inc
select plan(19);

create temp table calls (statement text);
insert into calls values
  ($$select set_retention('pgtap', max_count => 1)$$),
  ($$select list_retention()$$),
  ($$select preview_retention('pgtap')$$),
  ($$select delete_retention('pgtap')$$),
  ($$select import_workflow('{"format": "perdure.workflow", "version": 1, "workflows": []}')$$),
  ($$select notify_alerts(false)$$);
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select is(pg_temp.sqlstate_as(:'operator', statement), '00000', statement) from calls;
select is(pg_temp.sqlstate_as(:'worker_role', statement), '42501', statement) from calls;
select is(pg_temp.sqlstate_as(:'operator', $$select export_workflow('pgtap a')$$), '00000', 'export');
select is(pg_temp.sqlstate_as(:'worker_role', $$select export_workflow('pgtap a')$$), '42501', 'export');
select is(pg_temp.sqlstate_as(:'client', $$select alerts()$$), '00000', 'a client looks');
select is(pg_temp.sqlstate_as(:'client', $$select delete_workflows('{pgtap none}')$$), '00000', 'and deletes');
select is(pg_temp.sqlstate_as(:'client', $$select delete_workflows('{pgtap a}')$$), 'PD030', 'what has ended');
select is(pg_temp.sqlstate_as(:'client', $$select delete_in_step(1, 1, 1, '{pgtap a}')$$), '42501', 'outside of workflows');
select is(pg_temp.sqlstate_as(:'worker_role', $$select delete_in_step(1, 1, 1, '{pgtap a}')$$), 'PD004', 'a worker in them');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

create role pgtap_intruder;
select format('grant %I to pgtap_intruder', :'client')
\gexec
create function pg_temp.intrude()
returns text
language plpgsql
as $$
begin
  create temp table workflows (workflow_id text, key bigint, name text);
  create temp table queues (queue_id int, name text);
  create temp table tasks (key bigint);
  create function pg_temp._now() returns timestamptz language sql as 'select ''2000-01-01''::timestamptz';
  return enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a');
end
$$;

select is(pg_temp.sqlstate_as('pgtap_intruder', 'select pg_temp.intrude()'), '00000');
drop table pg_temp.workflows, pg_temp.queues, pg_temp.tasks;
select ok(created_at > '2020-01-01', 'the workflow is in the engine''s own table')
from get_workflow('pgtap a');

select * from finish();
rollback;

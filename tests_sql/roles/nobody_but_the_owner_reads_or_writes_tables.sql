begin;
\ir ../_setup.inc
select plan(28);

create role pgtap_nobody;
select is(pg_temp.sqlstate_as(role, format(statement, :'schema')), '42501', format('%s: %s', role, statement))
from unnest(array[:'client', :'worker_role', :'operator', 'pgtap_nobody']) as role,
  unnest(array[
    'select from %I.workflows', 'update %I.tasks set rank = 0', 'delete from %I.steps',
    'insert into %I.queues (name) values (''pgtap new'')', 'truncate %I.outcomes',
    'select nextval(''%I.claim_tokens'')', 'create table %I.pgtap ()'
  ]) as statement;

select * from finish();
rollback;

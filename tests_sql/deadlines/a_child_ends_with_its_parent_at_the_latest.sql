begin;
\ir ../_setup.inc
select plan(11);

create function pg_temp.deadline(id text)
returns text
language sql
as $$
  select to_char(deadline at time zone 'UTC', 'HH24:MI') from get_workflow(id)
$$;

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select workflow_key as parent, token as parent_token, time_left
from start_many(:worker, array['pgtap'], '{1}', '{pgtap parent}', timeouts => '{1 hour}') \gset
select is(:'time_left'::text, '01:00:00', 'a start tells how long it has');

set local perdure.test_clock = '2030-01-01 12:30+00';
create temp table started as
select * from start_many(:worker, array_fill('pgtap'::text, '{3}'), '{1, 2, 3}',
  '{pgtap plain, pgtap short, pgtap long}', timeouts => '{null, 10 minutes, 10 hours}',
  parent_keys => array_fill(:parent::bigint, '{3}'), parent_tokens => array_fill(:parent_token::bigint, '{3}'),
  parent_steps => '{1, 2, 3}');
select results_eq(
  'select workflow_id, time_left from started order by item',
  $$values ('pgtap plain', interval '30 minutes'), ('pgtap short', '10 minutes'), ('pgtap long', '30 minutes')$$
);
select is(timeout, '10 hours', 'what was asked for is known') from get_workflow('pgtap long');

-- A child in a queue has its parent's deadline at once, and its own timeout from its start on.
select enqueue_many('pgtap', '{1}', 'pgtap', '{pgtap queued}', timeout => '10 minutes',
  parent_keys => array[:parent::bigint], parent_tokens => array[:parent_token::bigint], parent_steps => '{4}') \g /dev/null
select enqueue_many('pgtap', '{1}', 'pgtap', '{pgtap early}', deadline => '2030-01-01 12:40+00',
  parent_keys => array[:parent::bigint], parent_tokens => array[:parent_token::bigint], parent_steps => '{5}') \g /dev/null
select enqueue_many('pgtap', '{1}', 'pgtap', '{pgtap late}', deadline => '2030-01-02 00:00+00',
  parent_keys => array[:parent::bigint], parent_tokens => array[:parent_token::bigint], parent_steps => '{6}') \g /dev/null
select is(pg_temp.deadline('pgtap queued'), '13:00');
select is(pg_temp.deadline('pgtap early'), '12:40');
select is(pg_temp.deadline('pgtap late'), '13:00');
create temp table claimed as select * from claim(:worker, array['pgtap'], 3);
select is(pg_temp.deadline('pgtap queued'), '12:40', 'its timeout counts from its start');

select start_many(:worker, array['pgtap'], '{1}', '{pgtap grandchild}', parent_keys => array[workflow_key],
  parent_tokens => array[token], parent_steps => '{1}')
from started where workflow_id = 'pgtap plain' \g /dev/null
select is(pg_temp.deadline('pgtap grandchild'), '13:00', 'children of children too');

select workflow_key as free, token as free_token from start(:worker, 'pgtap') \gset
select is(time_left, null, 'without a deadline there is none to inherit')
from start_many(:worker, array['pgtap'], '{1}', parent_keys => array[:free::bigint],
  parent_tokens => array[:free_token::bigint], parent_steps => '{1}');

set local perdure.test_clock = '2030-01-01 13:00+00';
select is((select workflows_timed_out from run_maintenance()), 8, 'all of the tree end together');
select ok(finish(:free, :free_token), 'what has no deadline goes on');

select * from finish();
rollback;

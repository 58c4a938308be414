begin;
\ir ../_setup.inc
select plan(6);

create function pg_temp.reasons(id text)
returns text[]
language sql
as $$
  select array(select reason from explain_wait(id))
$$;

update executors set lapsed = true;
update queues set listening_until = clock_timestamp() + interval '1 minute' where name = 'pgtap';
select register_executor('pgtap', '1 hour', workflows => '{ship}') as ships \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap b', delay => '1 minute') \g /dev/null

select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('unknown workflow', 'no living executor knows a workflow named pay')$$
);
select is(pg_temp.reasons('pgtap b'), '{unknown workflow, delayed}', 'also while it is delayed');

select register_executor('pgtap', '1 hour', workflows => '{ship, pay}') as pays \gset
select is(pg_temp.reasons('pgtap a'), '{next}', 'one knows it');
select pg_temp.lapse(:pays) \g /dev/null
select is(pg_temp.reasons('pgtap a'), '{unknown workflow}', 'one that is dead knew it');
select pg_temp.worker() as does_not_say \gset
select is(pg_temp.reasons('pgtap a'), '{next}', 'one has not said what it knows');

update executors set lapsed = true;
select is(pg_temp.reasons('pgtap a'), '{no executor}', 'without executors nobody can tell');

select * from finish();
rollback;

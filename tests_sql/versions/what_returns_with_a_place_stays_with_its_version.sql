begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(5);

select register_queue('pgtap limited', concurrency => 9) \g /dev/null
create function pg_temp.put_down(executor bigint)
returns void
language sql
as $$
  select suspend_many(array_agg(c.workflow_key), array_agg(c.token)) from claim(executor, array['pgtap limited'], 100) as c
$$;
select enqueue('pgtap', queue => 'pgtap limited', workflow_id => 'pgtap a', app_version => 'pgtap v1') \g /dev/null
select pg_temp.put_down(:v1) \g /dev/null
select enqueue('pgtap', queue => 'pgtap limited', workflow_id => 'pgtap b', app_version => 'pgtap v2') \g /dev/null
select is(pg_temp.claimed(:v2, queue => 'pgtap limited'), array['pgtap b'], 'another version takes its own');
select is(pg_temp.claimed(:none, queue => 'pgtap limited'), array['pgtap a'], 'one without version takes it');
select is((select app_version from get_workflow('pgtap a')), 'pgtap v1', 'which changes nothing');

select enqueue('pgtap', queue => 'pgtap limited', workflow_id => 'pgtap c') \g /dev/null
select pg_temp.put_down(:none) \g /dev/null
select is(pg_temp.claimed(:v2, queue => 'pgtap limited'), array['pgtap c'], 'what began without version goes to the latest');
select is((select app_version from get_workflow('pgtap c')), 'pgtap v2', 'and is its own then');

select * from finish();
rollback;

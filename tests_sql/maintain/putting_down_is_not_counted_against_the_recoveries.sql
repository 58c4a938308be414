begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', max_recovery_attempts => 1) \g /dev/null
create function pg_temp.put_down(worker bigint)
returns void
language sql
as $$
  select suspend(c.workflow_key, c.token) from claim(worker, array['pgtap']) as c
$$;
select pg_temp.put_down(:worker) from generate_series(1, 5) \g /dev/null

select claim(:worker, array['pgtap']) \g /dev/null
select pg_temp.lapse(:worker) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.status('pgtap a'), 'ENQUEUED');

select * from finish();
rollback;

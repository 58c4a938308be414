begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('pgtap', '{1, 2, 3}', 'pgtap', '{pgtap a, pgtap b, pgtap c}', retries => 5,
  retry_interval => '10 minutes', retry_backoff => 1) \g /dev/null
create temp table claimed as select * from claim(:worker, array['pgtap'], 3);
update tasks t set deadline = '2030-01-01 12:10:00.000001+00' from claimed c
where t.key = c.workflow_key and c.workflow_id = 'pgtap a';
update tasks t set deadline = '2030-01-01 12:10+00' from claimed c
where t.key = c.workflow_key and c.workflow_id = 'pgtap b';
select results_eq(
  $$select outcome from finish_many(
      array(select workflow_key from claimed order by workflow_id), array(select token from claimed order by workflow_id),
      '{null, null, null}', array_fill('{"name": "Oops"}'::json, '{3}'))$$,
  $$values ('will be retried'), ('will be retried')$$
);
select is(pg_temp.status('pgtap a'), 'DELAYED', 'it could begin before its deadline');
select is(pg_temp.status('pgtap b'), 'ERROR', 'it could not, and ends with its error');
select is(error ->> 'name', 'Oops') from get_result('pgtap b');
select is(pg_temp.status('pgtap c'), 'DELAYED', 'without a deadline it is retried');

select * from finish();
rollback;

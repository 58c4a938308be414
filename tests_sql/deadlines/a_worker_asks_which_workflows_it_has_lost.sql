begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('pgtap', array_fill('1'::json, '{5}'), 'pgtap',
  '{pgtap kept, pgtap timed out, pgtap finished, pgtap taken, pgtap suspended}') \g /dev/null
create temp table claimed as select * from claim(:worker, array['pgtap'], 5);
create function pg_temp.lost()
returns text[]
language sql
as $$
  select array_agg(c.ids[l.item] order by l.item)
  from (
    select array_agg(workflow_key order by workflow_id) as keys, array_agg(token order by workflow_id) as tokens,
      array_agg(workflow_id order by workflow_id) as ids
    from claimed
  ) as c, lost_workflows(c.keys, c.tokens) as l
$$;
select is(pg_temp.lost(), null, 'none at first');

update tasks t set deadline = '2030-01-01 12:30+00' from claimed c
where t.key = c.workflow_key and c.workflow_id = 'pgtap timed out';
set local perdure.test_clock = '2030-01-01 13:00+00';
select run_maintenance() \g /dev/null
select is(pg_temp.lost(), '{pgtap timed out}');
select finish(workflow_key, token) from claimed where workflow_id = 'pgtap finished' \g /dev/null
select suspend(workflow_key, token, '1 hour') from claimed where workflow_id = 'pgtap suspended' \g /dev/null
update tasks t set token = nextval('claim_tokens') from claimed c
where t.key = c.workflow_key and c.workflow_id = 'pgtap taken';
select is(pg_temp.lost(), '{pgtap finished, pgtap suspended, pgtap taken, pgtap timed out}', 'also what it gave up itself');
select is_empty($$select lost_workflows('{}', '{}')$$, 'of none, none');
select is_empty($$select lost_workflows(null, null)$$);
select throws_ok(
  $$select lost_workflows('{1, 2}', '{1}')$$, 'PD001', 'the arrays given to lost_workflows differ in length'
);

select * from finish();
rollback;

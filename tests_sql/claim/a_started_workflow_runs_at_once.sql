begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker('pgtap host') as worker \gset
create temp table started as
select * from start(:worker, 'pay', '{"a":  1}', 'pgtap a', 5, 'v1');

select results_eq(
  $$select workflow_id, token from started$$, $$values ('pgtap a', 0::bigint)$$, 'it returns the id and a token'
);
select results_eq(
  $$
    select workflow, status, queue, input::text, attempts, max_recovery_attempts, executor, app_version,
      started_at = created_at
    from get_workflow('pgtap a')
  $$,
  $$values ('pay', 'PENDING', null::text, '{"a":  1}', 1, 5, 'pgtap host', 'v1', true)$$
);
select is_empty($$select claim(pg_temp.worker(), '{}')$$, 'nobody else can claim it');
select ok(finish(workflow_key, token), 'it is the caller''s to end') from started;

select * from finish();
rollback;

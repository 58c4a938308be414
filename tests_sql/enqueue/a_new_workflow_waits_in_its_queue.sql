begin;
\ir ../_setup.inc
select plan(2);

select is(enqueue('pay', '[1]', 'pgtap', 'pgtap a', 7, 3, 'v1'), 'pgtap a', 'it returns the id');
select results_eq(
  $$
    select workflow, input::text, queue, priority, max_recovery_attempts, app_version, status, attempts
    from get_workflow('pgtap a')
  $$,
  $$values ('pay', '[1]', 'pgtap', 7, 3, 'v1', 'ENQUEUED', 0)$$
);

select * from finish();
rollback;

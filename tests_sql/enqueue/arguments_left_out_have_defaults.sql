begin;
\ir ../_setup.inc
select plan(2);

select enqueue('pay') as id \gset
select matches(:'id'::text, '^[0-9a-f-]{36}$', 'a new id');
select results_eq(
  format(
    $$
      select workflow, input::text, queue, priority, max_recovery_attempts, app_version
      from get_workflow(%L)
    $$,
    :'id'
  ),
  $$values ('pay', null::text, 'default', 0, 100, null::text)$$
);

select * from finish();
rollback;

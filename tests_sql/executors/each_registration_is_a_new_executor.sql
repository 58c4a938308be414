begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker('pgtap host') as first, pg_temp.worker('pgtap host') as second \gset

select isnt(:first, :second, 'also under the same name');
select results_eq(
  format(
    $$
      select name, app_version, alive, running, lease_until > clock_timestamp() + interval '59 minutes'
      from list_executors() where executor_id = %s
    $$,
    :first
  ),
  $$values ('pgtap host', null::text, true, 0::bigint, true)$$
);
select register_executor('pgtap host', app_version => 'v1') as third \gset
select ok(
  app_version = 'v1'
  and lease_until between clock_timestamp() + interval '25 seconds' and clock_timestamp() + interval '30 seconds',
  'a lease of 30 seconds unless told otherwise'
)
from list_executors() where executor_id = :third;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(2);

set local perdure.test_clock = '2030-01-01 12:00+00';
set local timezone = 'UTC';
select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap done') \gset
select finish(:key, :token) \g /dev/null
select * from pg_temp.running(:worker, 'pgtap failed') \gset
select finish(:key, :token, error => '"no"') \g /dev/null

select results_eq(
  $$select * from explain_wait('pgtap done')$$,
  $$values ('ended', 'it ended as SUCCESS at 2030-01-01 12:00:00+00')$$
);
select results_eq(
  $$select * from explain_wait('pgtap failed')$$,
  $$values ('ended', 'it ended as ERROR at 2030-01-01 12:00:00+00')$$
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select * from pg_temp.running(:worker, 'pgtap a') \gset
select release(:key, :token, '1 hour') \g /dev/null
select is(pg_temp.status('pgtap a'), 'DELAYED');

set local perdure.test_clock = '2030-01-01 12:59:59.999+00';
select is_empty(format($$select claim(%s, array['pgtap'])$$, :worker), 'a moment too early');
select is(pg_temp.status('pgtap a'), 'DELAYED');

set local perdure.test_clock = '2030-01-01 13:00+00';
select is((select count(*) from claim(:worker, array['pgtap'])), 1::bigint, 'at its moment');
select is(wake_at, null, 'it waits for nothing any more') from get_workflow('pgtap a');

select * from finish();
rollback;

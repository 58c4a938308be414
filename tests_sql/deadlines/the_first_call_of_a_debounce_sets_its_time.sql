begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select debounce('pgtap', 'pgtap', '1 minute', '1', 'pgtap', timeout => '1 hour', deadline => '2030-01-02 00:00+00') as id \gset
select debounce('pgtap', 'pgtap', '1 minute', '2', 'pgtap', timeout => '2 hours') \g /dev/null
select results_eq(
  format('select input::text, timeout, deadline from get_workflow(%L)', :'id'),
  $$values ('2', interval '1 hour', '2030-01-02 00:00+00'::timestamptz)$$
);
set local perdure.test_clock = '2030-01-01 12:01+00';
select is(time_left, '1 hour') from claim(:worker, array['pgtap']);
set local perdure.test_clock = '2030-01-01 13:01+00';
select is((select workflows_timed_out from run_maintenance()), 1);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(8);

select enqueue_many('pgtap', array_fill('1'::json, '{3}'), 'pgtap', array['pgtap a', 'pgtap b', 'pgtap c']) \g /dev/null

select is(pg_temp.claimed(:v1, 1), '{}'::text[], 'not to an older one');
select is(pg_temp.claimed(:v2, 1), array['pgtap a']);
select set_latest_version('pgtap v1') \g /dev/null
select is(pg_temp.claimed(:v2, 1), '{}'::text[], 'another has been made the latest');
select is(pg_temp.claimed(:v1, 1), array['pgtap b']);
select register_executor('pgtap v1 again', interval '1 hour', 'pgtap v2') \g /dev/null
select is(pg_temp.claimed(:v1, 1), array['pgtap c'], 'to start a known version again does not make it the latest');
select is(register_version('pgtap v2'), false);
select is(register_version('pgtap v3'), true);
select throws_ok(
  $$select set_latest_version('pgtap v4')$$, 'PD001', 'there is no version ''pgtap v4'''
);

select * from finish();
rollback;

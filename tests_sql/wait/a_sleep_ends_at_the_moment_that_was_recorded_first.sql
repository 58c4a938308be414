begin;
\ir ../_setup.inc
select plan(12);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select * from pg_temp.running(:worker, 'pgtap a') \gset

select is(sleep(:key, :token, 1, '1 minute'), interval '1 minute');
set local perdure.test_clock = '2030-01-01 12:00:20+00';
select is(sleep(:key, :token, 1, '1 hour'), interval '40 seconds', 'the moment stands');
select is((select executor from get_workflow('pgtap a')), 'pgtap', 'it stays with its worker');
select is(sleep(:key, :token, 1, '1 minute', put_down => true), interval '40 seconds');
select results_eq(
  $$select status, executor, wake_at from get_workflow('pgtap a')$$,
  $$values ('PENDING', null::text, '2030-01-01 12:01+00'::timestamptz)$$,
  'put down'
);
select throws_ok(format($$select sleep(%s, %s, 1, '1 minute')$$, :key, :token), 'PD004', null, 'the token is void');
select is_empty(format($$select claim(%s, array['pgtap'])$$, :worker), 'before its moment');

set local perdure.test_clock = '2030-01-01 12:01+00';
select token, attempt, steps from claim(:worker, array['pgtap']) \gset again_
select is(:again_attempt, 1, 'to sleep is no attempt');
select results_eq(
  format($$select s ->> 'name', s ->> 'completed', (s ->> 'retry_in')::float from json_array_elements(%L) as s$$, :'again_steps'),
  $$values ('perdure.sleep', 'true', 0::float)$$
);
select is(sleep(:key, :again_token, 1, '1 minute', put_down => true), interval '0', 'a replay goes on at once');
select is((select executor from get_workflow('pgtap a')), 'pgtap', 'and is not put down');
select is(sleep(:key, :again_token, 2, '0', put_down => true), interval '0', 'nor is who sleeps no time');

select * from finish();
rollback;

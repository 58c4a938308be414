-- Of steps side by side one failed, others went on: the workflow ended with the error of the first.
begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', retries => 1, retry_interval => '0') \g /dev/null
select workflow_key as key, token from claim(:worker, array['pgtap'], 1) \gset
select record_step(:key, :token, 1, 'charge', error => '{"name": "Refused", "message": "card"}') \g /dev/null
select record_step(:key, :token, 2, 'coupon', error => '{"name": "Refused", "message": "coupon"}') \g /dev/null
select record_step(:key, :token, 3, 'reserve', '"seat 7"') \g /dev/null
select record_step(:key, :token, 4, 'look', error => '{"name": "Missing"}') \g /dev/null
select record_step(:key, :token, 5, 'print', '1') \g /dev/null
select finish(:key, :token, error => '{"name": "Refused", "message": "card", "data": 1}') \g /dev/null
select results_eq(
  $$select step, name from list_steps('pgtap a')$$,
  $$values (2, 'coupon'), (3, 'reserve'), (4, 'look'), (5, 'print')$$,
  'that error only'
);
select is(json_array_length(steps), 4, 'the retry brings what is kept') from claim(:worker, array['pgtap'], 1);

select * from finish();
rollback;

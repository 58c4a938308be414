begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker('pgtap host') as worker, pg_temp.worker() as other \gset
select pg_temp.running(:worker, 'pgtap a') \g /dev/null

select results_eq(
  $$select reason from explain_wait('pgtap a')$$, $$values ('running')$$
);
select matches(
  (select detail from explain_wait('pgtap a')),
  format('^it runs on executor pgtap host \(%s\), whose lease ends at ', :worker)
);
select pg_temp.lapse(:worker) \g /dev/null
select results_eq(
  $$select reason from explain_wait('pgtap a')$$, $$values ('executor lost')$$, 'its lease has run out'
);
update executors set lapsed = true, lease_until = clock_timestamp() + interval '1 hour'
where executor_id = :worker;
select results_eq(
  $$select reason from explain_wait('pgtap a')$$, $$values ('executor lost')$$, 'its takeover has begun'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(8);

select pg_temp.worker() as dead, pg_temp.worker() as living \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', retries => 1, retry_interval => '1 hour') \g /dev/null
select workflow_key as key, token from claim(:dead, array['pgtap']) \gset
select pg_temp.lapse(:dead), run_maintenance() \g /dev/null

select throws_ok(
  format($$select finish(%s, %s, error => '"no"')$$, :key, :token), 'PD004', null, 'while nobody has it'
);
select is(pg_temp.status('pgtap a'), 'ENQUEUED');
select token as next from claim(:living, array['pgtap']) \gset
select throws_ok(
  format($$select finish(%s, %s, error => '"no"')$$, :key, :token), 'PD004', null, 'while another has it'
);
select is(pg_temp.status('pgtap a'), 'PENDING');

select ok(not finish(:key, :next, error => '"no"'), 'its owner does: it has not ended');
select is(pg_temp.status('pgtap a'), 'DELAYED');
select throws_ok(
  format($$select finish(%s, %s, error => '"no"')$$, :key, :next), 'PD004', null, 'and has given it up'
);
select throws_ok(format($$select record_step(%s, %s, 1, 'pay')$$, :key, :next), 'PD004', null, 'with its token');

select * from finish();
rollback;

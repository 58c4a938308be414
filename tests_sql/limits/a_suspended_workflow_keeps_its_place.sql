begin;
\ir ../_setup.inc
select plan(8);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as first, pg_temp.worker() as second \gset
select register_queue('pgtap orders', concurrency => 2, worker_concurrency => 1) \g /dev/null
select enqueue_many('pgtap', '{1, 2, 3, 4}', 'pgtap orders', '{pgtap a, pgtap b, pgtap c, pgtap d}') \g /dev/null

select workflow_key as key, token from claim(:first, array['pgtap orders'], 10) \gset
select suspend(:key, :token, '1 minute') \g /dev/null
select is(
  array(select workflow_id from claim(:first, array['pgtap orders'], 10)), '{pgtap b}', 'its executor has room for one'
);
select is_empty(format($$select claim(%s, array['pgtap orders'], 10)$$, :second), 'its queue has not');
select results_eq(
  $$select running, suspended, waiting from queue_stats('pgtap orders')$$, $$values (1::bigint, 1::bigint, 2::bigint)$$
);

set local perdure.test_clock = '2030-01-01 12:01+00';
select is_empty(format($$select claim(%s, array['pgtap orders'], 10)$$, :first), 'the executor has no room for it now');
select is(
  array(select workflow_id from claim(:second, array['pgtap orders'], 10)), '{pgtap a}', 'another takes it, in its place'
);
select is_empty(format($$select claim(%s, array['pgtap orders'], 10)$$, :second), 'both places are taken');
select finish(t.key, t.token) from tasks t where t.executor_id = :second \g /dev/null
select is(
  array(select workflow_id from claim(:second, array['pgtap orders'], 10)), '{pgtap c}', 'at its end it gives it up'
);
select is(pg_temp.status('pgtap d'), 'ENQUEUED');

select * from finish();
rollback;

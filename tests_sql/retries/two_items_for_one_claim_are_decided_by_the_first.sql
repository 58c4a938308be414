begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap a, pgtap b}', retries => 1) \g /dev/null
create temp table run as
select workflow_id as id, workflow_key as key, token from claim(:worker, array['pgtap'], 2);

select results_eq(
  $$
    select f.item, f.outcome, f.status
    from (select array_agg(key) as keys, array_agg(token) as tokens from run where id = 'pgtap a') as r,
      finish_many(r.keys || r.keys, r.tokens || r.tokens, '{1, null}', array[null, '"no"']::json[]) as f
  $$,
  $$values (2, 'finished before', 'SUCCESS')$$,
  'a success'
);
select is(pg_temp.status('pgtap a'), 'SUCCESS');

select results_eq(
  $$
    select f.item, f.outcome, f.status
    from (select array_agg(key) as keys, array_agg(token) as tokens from run where id = 'pgtap b') as r,
      finish_many(r.keys || r.keys || r.keys, r.tokens || r.tokens || 0::bigint, '{null, 1, null}',
        array['"no"', null, '"no"']::json[]) as f
  $$,
  $$values (1, 'will be retried', null), (2, 'will be retried', null), (3, 'lease lost', null)$$,
  'a failure; under another token nothing is decided'
);
select is(pg_temp.status('pgtap b'), 'DELAYED');

select * from finish();
rollback;

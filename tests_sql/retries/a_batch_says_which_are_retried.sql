begin;
\ir ../_setup.inc
select plan(2);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select enqueue_many('pay', '{1, 2, 3}', 'pgtap', '{pgtap 1, pgtap 2, pgtap 3}', retries => 1) \g /dev/null
select enqueue_many('pay', '{4, 5}', 'pgtap', '{pgtap 4, pgtap 5}') \g /dev/null
create temp table run as
select row_number() over () as i, workflow_key as key, token from claim(:worker, array['pgtap'], 5);

select results_eq(
  $$
    select f.item, f.outcome, f.status, f.output::text, f.error::text, f.retry_in
    from finish_many(
      (select array_agg(key order by i) from run),
      (select array_agg(case when i = 3 then token + 1000 else token end order by i) from run),
      array_fill('"done"'::json, '{5}'),
      array['"no"', null, '"no"', '"no"', null]::json[]
    ) as f
  $$,
  $$
    values
      (1, 'will be retried', null, null, null, interval '1 second'),
      (3, 'lease lost', null, null, null, null)
  $$
);
select results_eq(
  $$select i, g.status, g.output::text, g.error::text from run, get_result('pgtap ' || i) as g order by i$$,
  $$
    values
      (1::bigint, 'DELAYED', null, null), (2, 'SUCCESS', '"done"', null), (3, 'PENDING', null, null),
      (4, 'ERROR', null, '"no"'), (5, 'SUCCESS', '"done"', null)
  $$
);
select * from finish();
rollback;

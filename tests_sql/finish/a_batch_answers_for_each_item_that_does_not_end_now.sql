begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
create temp table run as
select i, r.* from generate_series(1, 5) as i, pg_temp.running(:worker, 'pgtap ' || i) as r;
select finish(key, token, '"old"') from run where i = 2 \g /dev/null
select release(key, token, '1 hour') from run where i = 4 \g /dev/null

select results_eq(
  $$
    select f.item, f.outcome, f.status, f.output::text, f.error::text
    from finish_many(
      (select array_agg(key order by i desc) from run),
      (select array_agg(case when i = 5 then token + 1000 else token end order by i desc) from run),
      '{5, 4, 3, 2, 1}',
      array[null, null, '"no"', null, null]::json[]
    ) as f
  $$,
  $$
    values
      (1, 'lease lost', null, null, null),
      (2, 'lease lost', null, null, null),
      (4, 'finished before', 'SUCCESS', '"old"', null)
  $$,
  'a row for each that did not'
);
select results_eq(
  $$select i, g.status, g.output::text, g.error::text from run, get_result('pgtap ' || i) as g order by i$$,
  $$
    values
      (1, 'SUCCESS', '1', null), (2, 'SUCCESS', '"old"', null), (3, 'ERROR', null, '"no"'),
      (4, 'DELAYED', null, null), (5, 'PENDING', null, null)
  $$,
  'and the rest ended'
);

select * from finish();
rollback;

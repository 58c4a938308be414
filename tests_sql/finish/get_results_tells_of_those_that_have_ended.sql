begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
create temp table run as
select i, r.* from generate_series(1, 3) as i, pg_temp.running(:worker, 'pgtap ' || i) as r;
select finish(key, token, '"one"') from run where i = 1 \g /dev/null
select finish(key, token, error => '"three"') from run where i = 3 \g /dev/null

select results_eq(
  $$
    select workflow_id, status, output::text, error::text
    from get_results('{pgtap 3, pgtap 2, pgtap 1}')
    order by workflow_id
  $$,
  $$values ('pgtap 1', 'SUCCESS', '"one"', null), ('pgtap 3', 'ERROR', null, '"three"')$$
);
select throws_ok(
  $$select get_results('{pgtap 1, pgtap none}')$$, 'PD002', 'workflow ''pgtap none'' does not exist',
  'one that does not exist'
);
select is_empty($$select get_results('{}')$$, 'of none');

select * from finish();
rollback;

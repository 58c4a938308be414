begin;
\ir ../_setup.inc
select plan(4);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select finish(key, token, '"first"') from run \g /dev/null

select ok(not finish(key, token, '"second"'), 'it ended before') from run;
select ok(not finish(key, token, error => '"no"'), 'also with an error') from run;
select results_eq(
  $$select f.item, f.outcome, f.status, f.output::text, f.error::text
    from run, finish_many(array[key], array[token], '{3}') as f$$,
  $$values (1, 'finished before', 'SUCCESS', '"first"', null::text)$$,
  'finish_many says what stands'
);
select is(output::text, '"first"') from get_result('pgtap a');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(9);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
prepare write as
select write_stream(key, token, 1, 's', '1') from run;
prepare close as
select close_stream(key, token, 2, 's') from run;

select results_eq('write', 'values (true)');
select results_eq('write', 'values (false)', 'the same step again');
select suspend(key, token) from run \g /dev/null
update run r set token = c.token from claim(:worker, array['pgtap']) as c where c.workflow_key = r.key;
select results_eq('write', 'values (false)', 'by another claim');
select results_eq('close', 'values (true)');
select results_eq('close', 'values (false)', 'closed again by the same step');
select results_eq('write', 'values (false)', 'written again by the same step, after it was closed');
select results_eq(
  $$select entry, value::text from read_stream('pgtap a', 's')$$, $$values (0, '1'), (1, null)$$
);
select results_eq(
  $$select step, name, output::text from list_steps('pgtap a')$$,
  $$values (1, 'perdure.write_stream', null), (2, 'perdure.close_stream', null)$$
);

select write_streams(array[key], array[token], '{3}', '{t}', '{1}', in_step => '{true}') from run, generate_series(1, 2) \g /dev/null
select results_eq(
  $$select t.entry, t.value::text, (select count(*) from list_steps('pgtap a')) from read_stream('pgtap a', 't') as t$$,
  $$values (0, '1', 2::bigint), (1, '1', 2)$$,
  'in the code of a step it is written as often as that runs, and records nothing'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(24);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
select repeat('ä', 256) as longest, repeat('ä', 256) || '.' as longer \gset

select throws_ok(statement, 'PD001', message)
from (values
  (format($$select write_stream(key, token, 1, %L, '1') from run$$, :'longer'), 'stream is too long: 513 bytes'),
  (format($$select close_stream(key, token, 1, %L) from run$$, :'longer'), 'stream is too long: 513 bytes'),
  (format($$select read_stream('pgtap a', %L)$$, :'longer'), 'stream is too long: 513 bytes'),
  ($$select write_stream(key, token, 1, '', '1') from run$$, 'stream is empty'),
  ($$select write_stream(key, token, 1, null, '1') from run$$, 'stream is empty'),
  ($$select close_stream(key, token, 1, null) from run$$, 'stream is empty'),
  ($$select read_stream('pgtap a', '')$$, 'stream is empty'),
  ($$select read_stream('pgtap a', null)$$, 'stream is empty')
) as f (statement, message);
select throws_ok(statement, 'PD001', 'the arrays given to write_streams differ in length', statement)
from unnest(array[
  $$select write_streams(null, null, null, null, null)$$,
  $$select write_streams(array[key], '{}', '{1}', '{a}', '{1}') from run$$,
  $$select write_streams(array[key], array[token], '{}', '{a}', '{1}') from run$$,
  $$select write_streams(array[key], array[token], '{1}', '{a,b}', '{1}') from run$$,
  $$select write_streams(array[key], array[token], '{1}', '{a}', '{}') from run$$,
  $$select write_streams(array[key], array[token], '{1}', '{a}', '{1}', '{}') from run$$,
  $$select write_streams(array[key], array[token], '{1}', '{a}', '{1}', in_step => '{}') from run$$
]) as statement;

select throws_ok(statement, 'PD004', null, statement)
from unnest(array[
  $$select write_stream(key, token + 1000, 1, 'a', '1') from run$$,
  $$select close_stream(key, token + 1000, 1, 'a') from run$$
]) as statement;
select pg_temp.lapse(:worker), run_maintenance() \g /dev/null
select claim(pg_temp.worker(), array['pgtap']) \g /dev/null
select throws_ok($$select write_stream(key, token, 1, 'a', '1') from run$$, 'PD004', null, 'taken over');
select results_eq(
  $$select w.item, w.outcome, w.name
    from run, write_streams(array[key], array[token], '{1}', '{a}', '{1}', in_step => '{true}') as w$$,
  $$values (1, 'lease lost', null::text)$$,
  'taken over: in the code of a step, too'
);
select is_empty($$select list_steps('pgtap a')$$, 'nothing is recorded');
select is_empty('select from stream_entries e join run using (key)', 'nothing is written');

update run r set token = t.token from tasks t where t.key = r.key;
select results_eq(
  format($$select write_stream(key, token, 1, %L, '1') from run$$, :'longest'), 'values (true)', '512 bytes are taken'
);
select results_eq(format($$select value::text from read_stream('pgtap a', %L)$$, :'longest'), $$values ('1')$$);
select is_empty($$select write_streams('{}', '{}', '{}', '{}', '{}')$$);

select * from finish();
rollback;

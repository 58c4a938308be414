begin;
\ir ../_setup.inc
select plan(9);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
select close_stream(key, token, 1, 's') from run \g /dev/null

select throws_ok($$select write_stream(key, token, 2, 's', '1') from run$$, 'PD015', 'stream ''s'' is closed');
select throws_ok($$select close_stream(key, token, 2, 's') from run$$, 'PD015', 'stream ''s'' is closed');
select results_eq(
  $$select w.item, w.outcome, w.name
    from run, write_streams(array[key, key, key, key], array[token, token, token, token], '{2,3,4,5}',
      '{s,t,t,t}', '{1,2,3,4}', '{false,null,true,false}') as w$$,
  $$values (1, 'stream closed', null::text), (4, 'stream closed', null)$$,
  'closed before, and by the same batch'
);
select results_eq(
  $$select w.outcome
    from run, write_streams(array[key], array[token], '{6}', '{s}', '{1}', in_step => '{true}') as w$$,
  $$values ('stream closed')$$,
  'in the code of a step'
);
select is_empty($$select step from list_steps('pgtap a') where step in (2, 5)$$, 'what is refused is not recorded');
select results_eq($$select entry, at_end from read_stream('pgtap a', 's')$$, 'values (0, true)');
select results_eq(
  $$select entry, value::text, at_end from read_stream('pgtap a', 't')$$, $$values (0, '2', false), (1, null, true)$$,
  'the end has no value'
);
select results_eq($$select write_stream(key, token, 2, 'u', '1') from run$$, 'values (true)', 'another stream');
select results_eq(
  $$select w.outcome, w.name
    from run, write_streams(array[key, key], array[token, token + 1000], '{1,2}', '{s,s}', '{1,1}') as w$$,
  $$values ('unexpected step', 'perdure.close_stream'), ('lease lost', null)$$,
  'what is recorded comes first'
);

select * from finish();
rollback;

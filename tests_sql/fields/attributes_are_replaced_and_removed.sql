begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(13);

select pg_temp.worker() as executor
\gset
select key, token from pg_temp.running(:executor, 'pgtap w')
\gset

select set_attributes('pgtap w', '{"a": 1}') \g /dev/null
select is(pg_temp.origin('pgtap w'), '{"a": 1}', 'set');
select set_attributes('pgtap w', '{"b": 2}') \g /dev/null
select is(pg_temp.origin('pgtap w'), '{"b": 2}', 'replaced');
select set_attributes('pgtap w', null) \g /dev/null
select is(pg_temp.origin('pgtap w'), '', 'removed');

select is(set_attributes_in_step(:key, :token, 1, 'pgtap w', '{"c": 3}'), true);
select is(pg_temp.origin('pgtap w'), '{"c": 3}', 'from inside');
select set_attributes('pgtap w', '{"d": 4}') \g /dev/null
select is(set_attributes_in_step(:key, :token, 1, 'pgtap w', '{"c": 3}'), false);
select is(pg_temp.origin('pgtap w'), '{"d": 4}', 'a replay changes nothing');
select is((select name from list_steps('pgtap w')), 'perdure.set_attributes', 'it is a step');

select record_step(:key, :token, 2, 'other', '1') \g /dev/null
select throws_ok(
  format($$select set_attributes_in_step(%s, %s, 2, 'pgtap w', '{}')$$, :key, :token),
  'PD005', 'step 2 is recorded as ''other'', the workflow now runs ''perdure.set_attributes'' there'
);
select throws_ok(
  format($$select set_attributes_in_step(%s, %s + 1, 3, 'pgtap w', '{}')$$, :key, :token), 'PD004'
);
select throws_ok($$select set_attributes('pgtap w', '[]')$$, 'PD001', 'attributes are a JSON object, not []');
select throws_ok($$select set_attributes('pgtap none', '{}')$$, 'PD002', 'workflow ''pgtap none'' does not exist');

select finish(:key, :token, '1') \g /dev/null
select set_attributes('pgtap w', '{"e": 5}') \g /dev/null
select is(pg_temp.origin('pgtap w'), '{"e": 5}', 'also when it has ended');

select * from finish();
rollback;

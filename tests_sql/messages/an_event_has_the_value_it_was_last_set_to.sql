begin;
\ir ../_setup.inc
select plan(13);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table other as
select * from pg_temp.running(:worker, 'pgtap b');

select is_empty($$select get_event('pgtap a', 'e')$$, 'never set');
select is_empty($$select get_all_events('pgtap a')$$);
select results_eq($$select set_event(key, token, 1, 'e', '{"b":1,"a":1e22}') from run$$, 'values (true)');
select is((select value::text from get_event('pgtap a', 'e')), '{"b":1,"a":1e22}', 'byte for byte');
select results_eq($$select set_event(key, token, 1, 'e', '2') from run$$, 'values (false)', 'the same step again');
select is((select value::text from get_event('pgtap a', 'e')), '{"b":1,"a":1e22}', 'sets nothing');

set local perdure.test_clock = '2030-01-01 13:00+00';
select set_events(array[key, key, key], array[token, token, token], '{2,3,4}', '{e,E,e}', '{3,4,null}') from run \g /dev/null
select results_eq(
  $$select value::text from get_event('pgtap a', 'e')$$, $$values (null)$$, 'the last of a batch; it may be null'
);
select set_event(key, token, 1, 'e', '5') from other \g /dev/null
select results_eq(
  $$select name, value::text, set_at from get_all_events('pgtap a')$$,
  $$values ('E', '4', '2030-01-01 13:00+00'::timestamptz), ('e', null, '2030-01-01 13:00+00')$$
);
select results_eq(
  $$select e.value::text, e.step from events e join run using (key) where e.name = 'e' order by e.event_id$$,
  $$values ('{"b":1,"a":1e22}', 1), ('3', 2), (null, 4)$$,
  'all are kept'
);

select set_events(array[key], array[token], '{5}', '{e}', '{6}', in_step => '{true}') from run, generate_series(1, 2) \g /dev/null
select is(
  (select count(*) from events e join run using (key) where e.step = 5), 2::bigint,
  'in the code of a step it is set as often as that runs'
);
select results_eq(
  $$select step from list_steps('pgtap a')$$, 'values (1), (2), (3), (4)', 'and records nothing'
);

select throws_ok($$select get_event('pgtap none', 'e')$$, 'PD002', 'workflow ''pgtap none'' does not exist');
select throws_ok($$select get_all_events('pgtap none')$$, 'PD002', 'workflow ''pgtap none'' does not exist');

select * from finish();
rollback;

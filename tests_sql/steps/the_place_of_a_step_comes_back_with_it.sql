begin;
\ir ../_setup.inc
select plan(9);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table plain as
select * from pg_temp.running(:worker, 'pgtap plain');
create temp table other as
select * from pg_temp.running(:worker, 'pgtap other');
select record_step(key, token, 1, 'charge', '1') from run union all
select record_step(key, token, 2, 'charge', '2') from run union all
select record_step(key, token, 1, 'charge', '3') from plain \g /dev/null

select is(
  place_steps(array[r.key, p.key, r.key, r.key], array[r.token, p.token, r.token, r.token], '{2, 1, 4, 4}', '{1:1,null,2.1:1,3:1}'),
  true, 'all are owned'
)
from run r, plain p;
select is(place_steps(array[key], array[token], '{2}', '{5:5}'), true) from run;
select is(
  place_steps(array[r.key, o.key], array[r.token - 1, o.token], '{3, 3}', '{3:3,3:4}'), false, 'one is not owned'
)
from run r, other o;
select is_empty(
  $$select from places p join run using (key) where p.step = 3$$, 'of what is not owned nothing is written'
);
select results_eq(
  $$select p.place collate "default" from places p join other using (key)$$, array['3:4'], 'of the other it is'
);
select throws_ok(
  format('select place_steps(%L, %L, %L, %L)', keys, '{1}', steps, places), 'PD001',
  'the arrays given to place_steps differ in length'
)
from (values ('{1}', '{1, 2}', '{a}'), ('{1}', '{1}', '{a,b}')) as g (keys, steps, places);

select release_many(array[r.key, p.key], array[r.token, p.token]) from run r, plain p \g /dev/null
create temp table claimed as
select * from claim(:worker, array['pgtap'], 10);
select results_eq(
  $$
    select s.*
    from claimed, json_to_recordset(steps) as s (step int, name text, output text, completed boolean, place text)
    where workflow_id = 'pgtap a'
  $$,
  $$values (1, 'charge', '1', true, null), (2, 'charge', '2', true, '1:1'), (4, null, null, null, '2.1:1')$$,
  'the first place of a number stays; one that is kept comes without a step'
);
select is(
  (select bool_or(e::jsonb ? 'place') from claimed, json_array_elements(steps) as e where workflow_id = 'pgtap plain'),
  false, 'a workflow without places has none'
);

select * from finish();
rollback;

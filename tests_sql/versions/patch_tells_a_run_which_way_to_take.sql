begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(16);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || g.id)
from unnest('{old,new,middle,gap}'::text[]) as g (id) \g /dev/null
create temp table run (workflow_id text, key bigint, token bigint);
create function pg_temp.again(executor bigint)
returns void
language sql
as $$
  select release_many(array_agg(key), array_agg(token)) from run where token is not null;
  delete from run;
  insert into run select workflow_id, workflow_key, token from claim(executor, array['pgtap'], 10);
$$;
create function pg_temp.patch(id text, step int, name text default 'p')
returns boolean
language sql
as $$
  select patch(key, token, step, name) from run where workflow_id = 'pgtap ' || id
$$;
create function pg_temp.record(id text, step int, name text)
returns boolean
language sql
as $$
  select record_step(key, token, step, name) from run where workflow_id = 'pgtap ' || id
$$;

insert into run select workflow_id, workflow_key, token from claim(:none, array['pgtap'], 10);
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap first') \g /dev/null
insert into run select workflow_id, workflow_key, token from claim(:none, array['pgtap'], 10);
select pg_temp.record('first', 3, 'c') \g /dev/null
select is(pg_temp.patch('first', 2), true, 'in a first run, what is recorded beyond it ran beside it');
-- Before the patch exists.
select pg_temp.record('old', 1, 'a'), pg_temp.record('old', 2, 'b') \g /dev/null
select pg_temp.record('middle', 1, 'a') \g /dev/null
-- Its second step began, and was lost; one beside it is recorded.
select pg_temp.record('gap', 1, 'a'), pg_temp.record('gap', 3, 'c') \g /dev/null
select pg_temp.again(:none) \g /dev/null

-- With the patch after the first step.
select is(pg_temp.patch('old', 2), false, 'it had passed');
select is(pg_temp.patch('new', 2), true, 'it comes there for the first time');
select is(pg_temp.patch('middle', 2), true, 'it had not come so far');
select is(pg_temp.patch('gap', 2), false, 'it had begun what comes after');
select is(pg_temp.patch('new', 2), true, 'asked once more');
select is((select name || output from list_steps('pgtap new')), 'perdure.patch-ptrue', 'it is a step');
select pg_temp.again(:none) \g /dev/null
select is(pg_temp.patch('old', 2), false, 'on a replay');
select is(pg_temp.patch('new', 2), true);
select is(pg_temp.patch('new', 2, 'other'), false, 'another patch is recorded there');
select is(pg_temp.patch('gap', 2), false);

select is(deprecate_patch(key, token, 2, 'p'), true, 'it is recorded: it has the number') from run where workflow_id = 'pgtap new';
select is(deprecate_patch(key, token, 3, 'p'), false, 'it is not') from run where workflow_id = 'pgtap new';
select throws_ok(format('select patch(%s, -1, 1, %L)', key, 'p'), 'PD004') from run where workflow_id = 'pgtap new';
select throws_ok(format('select deprecate_patch(%s, -1, 1, %L)', key, 'p'), 'PD004') from run where workflow_id = 'pgtap new';
select throws_ok(format('select patch(%s, %s, 1, %L)', key, token, ''), 'PD001', 'patch name is empty')
from run where workflow_id = 'pgtap new';

select * from finish();
rollback;

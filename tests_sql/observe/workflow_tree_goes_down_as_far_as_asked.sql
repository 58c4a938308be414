begin;
\ir ../_setup.inc
select plan(11);

-- r has the children a and b; a has a1 and a2, a2 has z.
create function pg_temp.child(id text, parent text, step int)
returns void
language plpgsql
as $$
begin
  perform enqueue('pgtap', queue => 'pgtap', workflow_id => id);
  update workflows set parent_key = (select key from workflows where workflow_id = parent), parent_step = step
  where workflow_id = id;
end
$$;
create function pg_temp.drawn(root text, depth int default 100, many int default 1000)
returns text
language sql
as $$
  select string_agg(repeat('.', t.depth) || t.workflow_id || case when t.more then '+' else '' end, ' ')
  from workflow_tree(root, depth, many) as t
$$;
select pg_temp.worker('host') as worker \gset
select workflow_key as key, token from start(:worker, 'top', workflow_id => 'r') \gset
select pg_temp.child('a', 'r', 1), pg_temp.child('b', 'r', 2), pg_temp.child('a1', 'a', 1), pg_temp.child('a2', 'a', 4),
  pg_temp.child('z', 'a2', 1) \g /dev/null

select is(pg_temp.drawn('r'), 'r .a ..a1 ..a2 ...z .b');
select is(pg_temp.drawn('a'), 'a .a1 .a2 ..z', 'from a child');
select is(pg_temp.drawn('z'), 'z', 'without children');
select is(pg_temp.drawn('r', 0), 'r+', 'one level');
select is(pg_temp.drawn('r', 2), 'r .a ..a1 ..a2+ .b', 'three levels');
select is(pg_temp.drawn('r', many => 2), 'r+ .a+', 'the upper levels come first');
select is(pg_temp.drawn('r', many => 4), 'r .a+ ..a1 .b');

select results_eq(
  $$
    select depth, parent_id, parent_step, workflow, status, queue, executor
    from workflow_tree('r') where workflow_id in ('r', 'a2')
  $$,
  $$
    values
      (0, null::text, null::int, 'top', 'PENDING', null::text, 'host'),
      (2, 'a', 4, 'pgtap', 'ENQUEUED', 'pgtap', null)
  $$
);

-- It cannot be, and would be read for ever.
update workflows set parent_key = (select key from workflows where workflow_id = 'z') where workflow_id = 'r';
select is(pg_temp.drawn('r', 10), 'r .a ..a1 ..a2 ...z .b', 'a circle ends');

select throws_ok($$select workflow_tree('none')$$, 'PD002', 'workflow ''none'' does not exist');
select throws_ok($$select workflow_tree('r', -1)$$, 'PD001', 'a tree of -1 levels and 1000 workflows');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(7);

select pg_temp.worker() as worker \gset
create temp table run as
select i, r.* from generate_series(1, 3) as i, pg_temp.running(:worker, 'pgtap ' || i) as r;
select pg_temp.running(pg_temp.worker(), 'pgtap other') \g /dev/null

select is(reconcile(:worker, (select array_agg(key) from run)), 0, 'it knows all');
select is(reconcile(:worker, array[key]), 2, 'it knows one of three') from run where i = 2;
select is(
  array(select pg_temp.status(id) from unnest('{pgtap 1, pgtap 2, pgtap 3, pgtap other}'::text[]) as id),
  '{ENQUEUED, PENDING, ENQUEUED, PENDING}',
  'the others go back, nobody else''s do'
);
select is(attempts, 0, 'it was no attempt') from get_workflow('pgtap 1');
select ok(finish(key, token), 'what it knows is still its own') from run where i = 2;
select throws_ok($$select finish(key, token) from run where i = 1$$, 'PD004', null, 'the rest is not');
select is(reconcile(:worker, null), 0, 'it knows none, and has none');

select * from finish();
rollback;

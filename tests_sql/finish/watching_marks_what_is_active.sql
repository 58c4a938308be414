begin;
\ir ../_setup.inc
select plan(6);

-- The mark is what makes a finish notify; that it does is tested with real sessions.
select pg_temp.worker() as worker \gset
create temp table run as
select i, r.* from generate_series(1, 3) as i, pg_temp.running(:worker, 'pgtap ' || i) as r;
select finish(key, token, '1') from run where i = 1 \g /dev/null

select get_results('{pgtap 1, pgtap 2}') \g /dev/null
select is_empty($$select from tasks join run using (key) where watched$$, 'not unless asked');
select is(
  array(select workflow_id from get_results('{pgtap 1, pgtap 2}', watch => true)), '{pgtap 1}', 'what has ended is told'
);
select is(array(select i from tasks join run using (key) where watched), '{2}', 'what is active is marked');
select is_empty($$select get_results('{pgtap 2}', watch => true)$$, 'marked already');
select ok(finish(r.key, r.token), 'a watched one ends as others do') from run r where i = 2;
select is(
  array(select workflow_id from get_results('{pgtap 2}', watch => true)), '{pgtap 2}', 'and then it is told'
);

select * from finish();
rollback;

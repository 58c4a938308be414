begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
create temp table run as
select i, r.* from generate_series(1, 3) as i, pg_temp.running(:worker, 'pgtap ' || i) as r;

select is_empty(
  $$select finish_many(array_agg(key), array_agg(token), array_agg(to_json(i))) from run$$
);
select is(pg_temp.status('pgtap ' || i), 'SUCCESS') from run;

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
create temp table run as
select i, r.* from generate_series(1, 6) as i, pg_temp.running(:worker, 'pgtap ' || i) as r;
create temp table answered as
select 'suspend' as verb, s.*
from (select array_agg(key order by i) as keys, array_agg(token order by i) as tokens from run where i <= 3) as r,
  suspend_many(r.keys, array[tokens[1], tokens[2] + 1000, tokens[3]], '{1 hour, 1 hour, 0}') as s;
insert into answered
select 'release' as verb, s.*
from (select array_agg(key order by i) as keys, array_agg(token order by i) as tokens from run where i > 3) as r,
  release_many(r.keys, array[tokens[1], tokens[2] + 1000, tokens[3]], '{1 hour, 1 hour, null}') as s;

select results_eq(
  $$select verb, item, outcome from answered order by verb$$,
  $$values ('release', 2, 'lease lost'), ('suspend', 2, 'lease lost')$$
);
select is(
  array(select pg_temp.status('pgtap ' || i) from run order by i),
  '{PENDING, PENDING, ENQUEUED, DELAYED, PENDING, ENQUEUED}',
  'the others are put down'
);
select is(
  array(select i from run join tasks using (key) where executor_id is not null), '{2, 5}', 'and have left the worker'
);

select * from finish();
rollback;

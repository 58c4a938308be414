begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
create temp table tokens (token bigint);

with created as (
  select enqueue_many('pgtap', '{1, 2, 3}', 'pgtap')
)
select count(*) from created \g /dev/null
insert into tokens select token from claim(:worker, array['pgtap'], 3);
select is((select count(distinct token) from tokens), 3::bigint, 'of three workflows');

select release_many(array_agg(key), array_agg(t.token)) from tasks t join tokens using (token) \g /dev/null
insert into tokens select token from claim(:worker, array['pgtap'], 3);
select is((select count(distinct token) from tokens), 6::bigint, 'also when they are claimed again');
select ok((select min(token) > 0 from tokens), 'and none is that of a direct start');

select * from finish();
rollback;

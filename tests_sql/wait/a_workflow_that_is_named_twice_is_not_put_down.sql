begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table other as
select * from pg_temp.running(:worker, 'pgtap b');
select send('pgtap a', '1', 't') \g /dev/null

select results_eq(
  $$select r.item, r.outcome
    from run, other, recv_many(
      array[run.key, other.key, run.key], array[run.token, other.token, run.token], '{1,1,2}', '{null,null,t}',
      put_down => '{true,true,true}'
    ) as r$$,
  $$values (1, 'waiting'), (2, 'put down'), (3, 'received')$$,
  'one of its waits may come to an end'
);
select is((select executor from get_workflow('pgtap a')), 'pgtap');
select is((select executor from get_workflow('pgtap b')), null);
select results_eq(
  $$select s.item, s.outcome
    from run, sleep_many(array[key, key], array[token, token], '{3,4}', '{2 hours,1 hour}', '{true,true}') as s$$,
  $$values (1, 'sleeping'), (2, 'sleeping')$$,
  'or earlier than the first'
);
select is((select executor from get_workflow('pgtap a')), 'pgtap');

select * from finish();
rollback;

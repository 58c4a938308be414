begin;
\ir ../_setup.inc
select plan(8);

create function pg_temp.reasons(id text)
returns text[]
language sql
as $$
  select array(select reason from explain_wait(id))
$$;

update executors set lapsed = true;
select register_executor('pgtap', '1 hour', queues => '{pgtap other}') as serves_another \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap b', delay => '1 minute') \g /dev/null

select results_eq(
  $$select * from explain_wait('pgtap a')$$,
  $$values ('unserved queue', 'no living executor serves queue pgtap')$$
);
select is(pg_temp.reasons('pgtap b'), '{unserved queue, delayed}', 'also while it is delayed');
select pause_queue('pgtap') \g /dev/null
select is(pg_temp.reasons('pgtap a'), '{unserved queue, queue paused}');
select resume_queue('pgtap') \g /dev/null

update queues set listening_until = clock_timestamp() + interval '1 minute' where name = 'pgtap';
select register_executor('pgtap', '1 hour', queues => '{pgtap other, pgtap}') as serves_it \gset
select is(pg_temp.reasons('pgtap a'), '{next}', 'one serves it');
select pg_temp.lapse(:serves_it) \g /dev/null
select is(pg_temp.reasons('pgtap a'), '{unserved queue}', 'one that is dead served it');
select pg_temp.worker() as serves_all \gset
select is(pg_temp.reasons('pgtap a'), '{next}', 'one serves all');

-- A direct start that its worker has put down goes on from the internal queue, which each serves.
select pg_temp.lapse(:serves_all) \g /dev/null
select workflow_key as key, token from start(:serves_another, 'pay', workflow_id => 'pgtap c') \gset
select suspend(:key, :token, '0') \g /dev/null
select is(pg_temp.reasons('pgtap c'), '{no idle executor}');
update executors set lapsed = true;
select is(pg_temp.reasons('pgtap a'), '{no executor}', 'without executors nobody can tell');

select * from finish();
rollback;

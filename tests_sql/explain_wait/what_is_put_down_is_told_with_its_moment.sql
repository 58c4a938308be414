begin;
\ir ../_setup.inc
select plan(4);

set local perdure.test_clock = '2030-01-01 12:00+00';
set local timezone = 'UTC';
select pg_temp.worker() as worker \gset
select claim(:worker, array['pgtap']) \g /dev/null
select * from pg_temp.running(:worker, 'pgtap suspended') \gset
select suspend(:key, :token, '1 minute') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap delayed', delay => '1 minute') \g /dev/null

select results_eq(
  $$select * from explain_wait('pgtap suspended')$$,
  $$values ('suspended', 'it waits until 2030-01-01 12:01:00+00')$$
);
select results_eq(
  $$select * from explain_wait('pgtap delayed')$$,
  $$values ('delayed', 'it waits until 2030-01-01 12:01:00+00')$$
);

-- The next claim enqueues and takes them.
set local perdure.test_clock = '2030-01-01 12:01+00';
update queues set listening_until = clock_timestamp() + interval '1 minute' where name = 'pgtap';
select results_eq(format($$select reason from explain_wait(%L)$$, id), $$values ('next')$$, id || ', when its moment has come')
from unnest('{pgtap suspended, pgtap delayed}'::text[]) as id;

select * from finish();
rollback;

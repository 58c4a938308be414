begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select register_queue('pgtap other') \g /dev/null
select enqueue('pgtap', queue => 'pgtap other', workflow_id => 'pgtap other') \g /dev/null

select is_empty(format($$select claim(%s, array['pgtap'], 10)$$, :worker), 'another queue');
select is_empty(format($$select claim(%s, '{}', 10)$$, :worker), 'none at all');
select is(pg_temp.status('pgtap other'), 'ENQUEUED', 'it still waits');

select * from finish();
rollback;

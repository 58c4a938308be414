begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select queue_id from queues where name = 'pgtap' \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
insert into floors (queue_id, rank, key, candidate_key, candidate_xmax, snapshot)
values (:queue_id, 0, 9000000000000000000, 9000000000000000000, '3', pg_current_snapshot());

select is_empty(format($$select claim(%s, array['pgtap'])$$, :worker), 'a wrong floor hides it');
select run_maintenance() \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap a}', 'until the next maintenance');

select * from finish();
rollback;

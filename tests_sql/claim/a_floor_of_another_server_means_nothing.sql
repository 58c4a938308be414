begin;
\ir ../_setup.inc
select plan(1);

-- A dump brings the ids of transactions of the cluster it was made in.
select pg_temp.worker() as worker \gset
select queue_id from queues where name = 'pgtap' \gset
insert into floors (queue_id, rank, key, candidate_key, candidate_xmax, snapshot, server_started)
values (
  :queue_id, 0, 9000000000000000000, 9000000000000000000, '3', pg_current_snapshot(),
  pg_postmaster_start_time() - interval '1 second'
);
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null

select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap a}');

select * from finish();
rollback;

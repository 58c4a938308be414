begin;
\ir ../_setup.inc
select plan(1);

select set_eq(
  format(
    $$
      select proname::text
      from pg_proc
      where pronamespace = %L::regnamespace
        and prosrc ~* '\m(now\(|current_timestamp|localtimestamp|transaction_timestamp|statement_timestamp|clock_timestamp|timeofday)'
    $$,
    quote_ident(:'schema')
  ),
  array[
    '_now', '_new_workflow_id',
    -- Leases.
    'register_executor', 'heartbeat', '_living_executors', 'list_executors', 'metrics', '_take_over',
    'run_maintenance', 'explain_wait', '_alerts_of_upkeep',
    -- Leases, and how long transactions of others are open.
    'status',
    -- The mark of an idle worker.
    'claim', '_mark_listening', '_notify_queue'
  ]
);

select * from finish();
rollback;

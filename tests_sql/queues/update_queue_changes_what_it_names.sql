begin;
\ir ../_setup.inc
\ir _settings.inc
select plan(8);

select register_queue('pgtap all', 1, 2, 3, '4 seconds', true, 5, 6, '7 seconds', '8 seconds') \g /dev/null
select update_queue('pgtap all', '{}') \g /dev/null
select is(pg_temp.settings('pgtap all'), '1 2 3 00:00:04 t 5 6 00:00:07 00:00:08', 'nothing');
select update_queue('pgtap all', '{"concurrency": 10}') \g /dev/null
select is(pg_temp.settings('pgtap all'), '10 2 3 00:00:04 t 5 6 00:00:07 00:00:08', 'one');
select update_queue('pgtap all', '{"worker_concurrency": null, "rate_limit": null, "rate_period": null}') \g /dev/null
select is(pg_temp.settings('pgtap all'), '10 - - - t 5 6 00:00:07 00:00:08', 'null removes a limit');
select update_queue(
  'pgtap all',
  '{"partition_concurrency": 50, "partition_rate_limit": 60, "partition_rate_period": "70 s",
    "priority_ageing": "80 s", "paused": true}'
) \g /dev/null
select is(pg_temp.settings('pgtap all'), '10 - - - t 50 60 00:01:10 00:01:20 paused', 'several');
select update_queue('pgtap all', '{"paused": null, "concurrency": 20}') \g /dev/null
select is(pg_temp.settings('pgtap all'), '20 - - - t 50 60 00:01:10 00:01:20', 'null is not paused');
select update_queue(
  'pgtap all',
  '{"partitioned": null, "partition_concurrency": null, "partition_rate_limit": null, "partition_rate_period": null}'
) \g /dev/null
select is(pg_temp.settings('pgtap all'), '20 - - - f - - - 00:01:20', 'null is no partitions');

select pause_queue('pgtap all') \g /dev/null
select is(pg_temp.settings('pgtap all'), '20 - - - f - - - 00:01:20 paused', 'pause_queue');
select resume_queue('pgtap all') \g /dev/null
select is(pg_temp.settings('pgtap all'), '20 - - - f - - - 00:01:20', 'resume_queue');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _hint.inc
\ir _settings.inc
select plan(29);

select register_queue('pgtap all', 1, 2, 3, '4 seconds', true, 5, 6, '7 seconds', '8 seconds') \g /dev/null

select throws_ok(
  format($$select update_queue('pgtap all', %L)$$, changes),
  'PD001', 'the changes of a queue are a JSON object', coalesce(changes, 'null')
)
from unnest('{NULL, "null", "[]", "3", "\"concurrency\""}'::text[]) as changes;
select is(
  pg_temp.hint($$select update_queue('pgtap all', '[]')$$),
  'For example {"concurrency": 10, "rate_limit": null, "rate_period": null}.'
);

select throws_ok(
  format($$select update_queue('pgtap all', %L)$$, json_build_object('concurrency', 10, setting, 1)),
  'PD001', format('a queue has no setting %L', setting), 'unknown: ' || setting
)
from unnest('{concurency, Concurrency, "", name, queue_id, limited, listening_until}'::text[]) as setting;
select is(
  pg_temp.hint($$select update_queue('pgtap all', '{"concurency": 1}')$$),
  'Settings are concurrency, worker_concurrency, rate_limit, rate_period, partitioned, partition_concurrency, '
  || 'partition_rate_limit, partition_rate_period, priority_ageing, paused.'
);

select throws_like(
  format($$select update_queue('pgtap all', '{"concurrency": 10, %s}')$$, setting),
  'a setting of queue ''pgtap all'' cannot be read: %', setting
)
from unnest(array[
  '"worker_concurrency": "many"', '"worker_concurrency": 1.5', '"worker_concurrency": 99999999999',
  '"worker_concurrency": true', '"worker_concurrency": []', '"rate_period": "soon"', '"rate_period": {}',
  '"partitioned": "perhaps"', '"\u0000": 1', '"\ud800": 1', '"rate_period": "\udc00"', '"paused": 2', '"priority_ageing": "1000000000 years"'
]) as setting;
select is(
  pg_temp.hint($$select update_queue('pgtap all', '{"rate_period": "soon"}')$$),
  'Limits are whole numbers, periods intervals such as "1 minute", partitioned and paused true or false.'
);
select is(pg_temp.settings('pgtap all'), '1 2 3 00:00:04 t 5 6 00:00:07 00:00:08', 'nothing was changed');

select * from finish();
rollback;

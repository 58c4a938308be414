begin;
\ir ../_setup.inc
select plan(12);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
prepare fail(int, int, interval, float8, interval) as
select f.retry_in from run, fail_step(key, token, $1, 'charge', '"no"', $2, 2000000000, $3, $4, $5) as f;

select results_eq(
  format('execute fail(%s, %s, %L, %L, %L)', place, attempt, base, backoff, most),
  format('values (interval %L)', expected),
  format('attempt %s: %s * %s, at most %s', attempt, base, backoff, most)
)
from (values
  (1, 1, '1 second', '2', '1 hour', '1 second'),
  (2, 2, '1 second', '2', '1 hour', '2 seconds'),
  (3, 3, '1.5 seconds', '3', '1 hour', '13.5 seconds'),
  (4, 12, '1 second', '2', '1 hour', '2048 seconds'),
  (5, 13, '1 second', '2', '1 hour', '1 hour'),
  (6, 2000, '1 second', '10', '1 hour', '1 hour'),
  (7, 1999999999, '1 second', '1e300', '1 hour', '1 hour'),
  (8, 1999999999, '5 seconds', '1', '1 hour', '5 seconds'),
  (9, 1, '2 hours', '2', '1 hour', '1 hour'),
  (10, 5, '0', '2', '1 hour', '0'),
  (11, 5, '1 second', '2', '0', '0'),
  (12, 3, '1 day', '2', '10 days', '96 hours')
) as v (place, attempt, base, backoff, most, expected)
order by place;

select * from finish();
rollback;

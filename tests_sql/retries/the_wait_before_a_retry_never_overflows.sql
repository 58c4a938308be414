begin;
\ir ../_setup.inc
select plan(9);

select is(_backoff('1 second', 2, '1 hour', retry), wait, 'retry ' || retry)
from (values (1, interval '1 second'), (2, '2 seconds'), (12, '2048 seconds'), (13, '1 hour'), (2147483647, '1 hour'))
  as v (retry, wait);
-- A year is 365.25 days of 24 hours, as everywhere in Postgres where an interval becomes seconds.
select is(_backoff('1000 years', 1e6, '100 years', 1), '876600 hours', 'a first one that is too long');
select is(_backoff('0', 1e6, '1 hour', 100), '0', 'none');
select is(_backoff('1 hour', 1e6, '0', 100), '0', 'none allowed');
select is(_backoff('1 microsecond', 1, '1 hour', 2147483647), '1 microsecond', 'without growth');

select * from finish();
rollback;

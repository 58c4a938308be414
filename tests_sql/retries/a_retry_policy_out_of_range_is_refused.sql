begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(18);

select throws_ok(
  format($$select enqueue('pay', queue => 'pgtap', %s)$$, policy), 'PD001', message, policy
)
from (values
  ('retries => -1', 'retries cannot be -1'),
  ('retries => 1, retry_interval => ''-1 second''', 'retry_interval cannot be -1 second'),
  ('retries => 1, retry_interval => null', 'retry_interval cannot be null'),
  ('retries => 1, retry_backoff => 0.9', 'retry_backoff cannot be 0.9'),
  ('retries => 1, retry_backoff => 1000001', 'retry_backoff cannot be 1000001'),
  ('retries => 1, retry_backoff => ''NaN''', 'retry_backoff cannot be NaN'),
  ('retries => 1, retry_backoff => ''Infinity''', 'retry_backoff cannot be Infinity'),
  ('retries => 1, retry_backoff => null', 'retry_backoff cannot be null'),
  ('retries => 1, retry_max_interval => ''-1 second''', 'retry_max_interval cannot be -1 second'),
  ('retries => 1, retry_max_interval => ''101 years''', 'retry_max_interval cannot be 101 years'),
  ('retries => 1, retry_max_interval => null', 'retry_max_interval cannot be null')
) as p (policy, message);
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap', retries => 1, retry_backoff => 0)$$),
  'Give 1 to 1000000: retry n waits retry_interval * retry_backoff ^ (n - 1).'
);
select lives_ok(format($$select enqueue('pay', queue => 'pgtap', %s)$$, policy), policy)
from unnest(array[
  'retries => 2147483647', 'retries => 1, retry_interval => ''0''', 'retries => 1, retry_interval => ''1000 years''',
  'retries => 1, retry_backoff => 1', 'retries => 1, retry_backoff => 1000000', 'retries => 1, retry_max_interval => ''0'''
]) as policy;

select * from finish();
rollback;

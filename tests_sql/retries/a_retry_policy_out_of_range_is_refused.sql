begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(19);

select throws_ok(
  format($$select enqueue('pay', queue => 'pgtap', %s)$$, policy), 'PD001', 'a retry policy is out of range', policy
)
from unnest(array[
  'retries => -1', 'retries => 1, retry_interval => ''-1 second''', 'retries => 1, retry_interval => null',
  'retries => 1, retry_backoff => 0.9', 'retries => 1, retry_backoff => 1000001', 'retries => 1, retry_backoff => ''NaN''',
  'retries => 1, retry_backoff => ''Infinity''', 'retries => 1, retry_backoff => null',
  'retries => 1, retry_max_interval => ''-1 second''', 'retries => 1, retry_max_interval => ''101 years''',
  'retries => 1, retry_max_interval => null'
]) as policy;
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap', retries => 1, retry_backoff => 0)$$),
  'Retries and intervals are not negative, backoff is at least 1.'
);
select throws_ok(
  $$select enqueue_many('pay', '{1}', 'pgtap', retries => -1)$$, 'PD001', null, 'enqueue_many'
);
select lives_ok(format($$select enqueue('pay', queue => 'pgtap', %s)$$, policy), policy)
from unnest(array[
  'retries => 2147483647', 'retries => 1, retry_interval => ''0''', 'retries => 1, retry_interval => ''1000 years''',
  'retries => 1, retry_backoff => 1', 'retries => 1, retry_backoff => 1000000', 'retries => 1, retry_max_interval => ''0'''
]) as policy;

select * from finish();
rollback;

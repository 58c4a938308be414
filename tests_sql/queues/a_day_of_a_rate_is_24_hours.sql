-- In Berlin the 31st of March 2030 has 23 hours.
begin;
\ir ../_setup.inc
select plan(4);

set local timezone = 'Europe/Berlin';
select register_queue('pgtap a', rate_limit => 1, rate_period => '1 day', partitioned => true,
  partition_rate_limit => 1, partition_rate_period => '1 month') \g /dev/null
select is(rate_period::text, '24:00:00') from queues where name = 'pgtap a';
select is(partition_rate_period::text, '720:00:00', 'a month is 30 days') from queues where name = 'pgtap a';
select update_queue('pgtap a', '{"rate_period": "2 days", "partition_rate_period": "1 day 1 second"}') \g /dev/null
select is(rate_period::text, '48:00:00') from queues where name = 'pgtap a';
select is(partition_rate_period::text, '24:00:01') from queues where name = 'pgtap a';

select * from finish();
rollback;

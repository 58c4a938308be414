begin;
\ir ../_setup.inc
select plan(8);

select pg_temp.worker() as worker \gset
select register_queue('pgtap other') \g /dev/null
select enqueue_many('pgtap', '{1, 2}', 'pgtap') \g /dev/null

select claim(:worker, array['pgtap'], 3) \g /dev/null
select ok(
  listening_until between clock_timestamp() + interval '5 seconds' and clock_timestamp() + interval '10 seconds',
  'it asked for three and found two'
)
from queues where name = 'pgtap';
select is(listening_until, null, 'it does not listen to queues it did not name')
from queues where name = 'pgtap other';

select listening_until as before from queues where name = 'pgtap' \gset
select claim(:worker, array['pgtap']) \g /dev/null
select is(listening_until, :'before', 'a mark that holds for a while is left alone')
from queues where name = 'pgtap';

update queues set listening_until = clock_timestamp() + interval '4 seconds' where name = 'pgtap';
select claim(:worker, array['pgtap']) \g /dev/null
select ok(listening_until > clock_timestamp() + interval '5 seconds', 'one that ends soon is renewed')
from queues where name = 'pgtap';

select claim(:worker, array['pgtap'], 1, '1 hour') \g /dev/null
select ok(
  listening_until > clock_timestamp() + interval '1 hour 59 minutes', 'of a worker that asks seldom it holds until then'
)
from queues where name = 'pgtap';
select listening_until as before from queues where name = 'pgtap' \gset
select claim(:worker, array['pgtap'], 1, '1 hour'), claim(:worker, array['pgtap'], 1, '1 second') \g /dev/null
select is(listening_until, :'before', 'and nobody shortens it') from queues where name = 'pgtap';
select claim(:worker, array['pgtap'], 1, '1000 years') \g /dev/null
select ok(listening_until < clock_timestamp() + interval '3 days', 'but not for ever') from queues where name = 'pgtap';

select enqueue('pgtap', queue => 'pgtap') \g /dev/null
select claim(:worker, array['pgtap']) \g /dev/null
select is(listening_until, null, 'it found all it asked for') from queues where name = 'pgtap';

select * from finish();
rollback;

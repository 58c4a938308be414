begin;
\ir ../_setup.inc
select plan(2);

set local perdure.test_clock = '2030-01-01 12:00:00+00';
select register_queue('pgtap shop q', application => 'pgtap shop'), register_executor('b', application => 'pgtap bank'),
  register_executor('n')
\g /dev/null
select enqueue('w', queue => 'pgtap shop q') \g /dev/null
set local perdure.test_clock = '2030-01-02 12:00:00+00';
select is((select kind from alerts() where subject = 'pgtap shop q'), 'unserved queue');
select register_executor('s', application => 'pgtap shop') \g /dev/null
select is((select kind from alerts() where subject = 'pgtap shop q'), 'slow queue', 'it has one');

select * from finish();
rollback;

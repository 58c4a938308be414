begin;
\ir ../_setup.inc
select plan(4);

select ok(register_queue('pgtap new'), 'new');
select ok(not register_queue('pgtap new'), 'there already');
select ok(not register_queue('default'), 'the default queue is there from the start');
select is(
  (select count(*) from list_queues() where queue = 'pgtap new'), 1::bigint,
  'there is one'
);

select * from finish();
rollback;

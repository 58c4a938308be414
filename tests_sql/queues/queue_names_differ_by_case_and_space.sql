begin;
\ir ../_setup.inc
select plan(3);

select ok(register_queue('pgtap orders'));
select ok(register_queue('pgtap Orders'), 'another case');
select ok(register_queue('pgtap orders '), 'a space more');

select * from finish();
rollback;

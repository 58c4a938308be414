begin;
\ir ../_setup.inc
select plan(2);

select throws_ok($$select explain_wait('pgtap none')$$, 'PD002', 'workflow ''pgtap none'' does not exist');
select throws_ok($$select explain_wait(null)$$, 'PD002', null, 'null');

select * from finish();
rollback;

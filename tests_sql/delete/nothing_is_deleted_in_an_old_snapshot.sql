begin isolation level repeatable read;
\ir ../_setup.inc
select plan(1);

select throws_ok($$select delete_workflows('{pgtap a}')$$, 'PD001');

select * from finish();
rollback;

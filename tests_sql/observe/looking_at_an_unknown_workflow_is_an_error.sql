begin;
\ir ../_setup.inc
select plan(7);

select throws_ok($$select get_workflow('pgtap none')$$, 'PD002', null, 'get_workflow');
select throws_ok($$select get_workflow(null)$$, 'PD002', null, 'get_workflow of null');
select throws_ok($$select list_steps('pgtap none')$$, 'PD002', null, 'list_steps');
select throws_ok($$select list_steps(null)$$, 'PD002', null, 'list_steps of null');
select throws_ok($$select get_result('pgtap none')$$, 'PD002', null, 'get_result');
select throws_ok($$select get_result(null)$$, 'PD002', null, 'get_result of null');
select throws_ok($$select get_workflow(repeat('ä', 2000))$$, 'PD002', null, 'an id of any length');

select * from finish();
rollback;

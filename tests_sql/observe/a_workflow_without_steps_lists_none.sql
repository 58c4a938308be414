begin;
\ir ../_setup.inc
select plan(1);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select is_empty($$select list_steps('pgtap a')$$);

select * from finish();
rollback;

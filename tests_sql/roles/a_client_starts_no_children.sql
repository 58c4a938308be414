begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select s.workflow_key as parent from start(:worker, 'pgtap', workflow_id => 'pgtap parent') as s \gset
create role pgtap_client login in role :"client";
set session authorization pgtap_client;

select throws_ok(
  format(
    $$
      select * from enqueue_many('pgtap', array['1'::json], workflow_ids => array['pgtap child'],
        parent_keys => array[%s], parent_tokens => array[0], parent_steps => array[1])
    $$,
    :parent
  ),
  'PD014'
);
reset session authorization;
select is_empty($$select from list_steps('pgtap parent')$$, 'no step is written');

select * from finish();
rollback;

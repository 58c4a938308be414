begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select s.workflow_key as parent from start(:worker, 'pgtap', workflow_id => 'pgtap parent') as s \gset
select format(
  $$
    select * from enqueue_many('pgtap', array['1'::json], workflow_ids => array['pgtap child'],
      parent_keys => array[%s], parent_tokens => array[0], parent_steps => array[1])
  $$,
  :parent
) as start_child \gset

create role pgtap_client login in role :"client";
set session authorization pgtap_client;
select throws_ok(:'start_child', 'PD014');
reset session authorization;

-- The role that a session has set counts, be it less than its own or more.
create role pgtap_both login noinherit in role :"client", :"worker_role";
set session authorization pgtap_both;
set role :"client";
select throws_ok(:'start_child', 'PD014', format('%s may not start children: that writes a step of the parent', :'client'));
reset session authorization;
select is_empty($$select from list_steps('pgtap parent')$$, 'no step is written');
set session authorization pgtap_both;
set role :"worker_role";
select lives_ok(:'start_child', 'a session that has set the role of a worker');

reset session authorization;
select * from finish();
rollback;

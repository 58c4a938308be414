begin;
\ir ../_setup.inc
select plan(3);

-- Between three that are asked for in one order, each setting has its own.
create function pg_temp.order_with(ageing text)
returns text[]
language plpgsql
as $$
declare
  v_worker bigint := pg_temp.worker();
  v_order text[] := '{}';
begin
  perform update_queue('pgtap orders', json_build_object('priority_ageing', ageing));
  for v_turn in 1 .. 3 loop
    v_order := v_order || (select c.workflow_id from claim(v_worker, array['pgtap orders']) as c);
  end loop;
  perform deregister_executor(v_worker);
  return v_order;
end
$$;

select register_queue('pgtap orders', priority_ageing => '1 hour') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap 9', priority => 9) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:02+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap 5', priority => 5) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:20+00';
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap 0', priority => 0) \g /dev/null

select is(pg_temp.order_with('1 minute'), '{pgtap 5, pgtap 9, pgtap 0}', 'a step in a minute');
select is(pg_temp.order_with('1 second'), '{pgtap 9, pgtap 5, pgtap 0}', 'a step in a second');
select is(pg_temp.order_with(null), '{pgtap 0, pgtap 5, pgtap 9}', 'none');

select * from finish();
rollback;

-- Calls: _family.
-- Locks: the tasks by key, then the outcomes of the dead-lettered by key.
--
-- Whoever starts a child holds the task of its parent (_hold_parents). So once all tasks of a family are held
-- here, a look shows every child that there will ever be. Those who came meanwhile have higher keys, as a rule,
-- and are locked, too; if one has not, all locks are given up (with the subtransaction) and taken anew in order.
-- A workflow may also be resumed at this moment: then it has neither task nor outcome that can be seen, and it
-- is looked for again.
create or replace function _hold_family(
  workflow_keys bigint[],
  children boolean,
  caller_key bigint default null,
  out active bigint[],
  out dead bigint[]
)
returns record
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_new bigint[];
  v_tries int := 0;
begin
  if children then
    perform _check_isolation('cancelling children');
  end if;
  loop
    v_keys := case when children then _family(workflow_keys) else workflow_keys end;
    v_new := v_keys || caller_key;
    active := '{}';
    begin
      loop
        active := active || array(
          select t.key from tasks t where t.key = any (v_new) order by t.key for update
        );
        exit when children is not true;
        v_new := array(
          select f.key from unnest(_family(workflow_keys)) as f (key)
          except
          select k.key from unnest(v_keys || caller_key) as k (key)
          order by 1
        );
        exit when v_new = '{}';
        if v_new[1] < greatest(v_keys[cardinality(v_keys)], caller_key) and v_tries < 10 then
          v_tries := v_tries + 1;
          raise no_data_found;
        end if;
        v_keys := v_keys || v_new;
      end loop;

      dead := array(
        select o.key
        from outcomes o
        where o.key = any (v_keys) and o.status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'
        order by o.key
        for update
      );
      exit when not exists (
        select
        from (select k.key from unnest(v_keys) as k (key) except select a.key from unnest(active) as a (key)) as g
        where (select o.key from outcomes o where o.key = g.key) is null
          and (select w.key from workflows w where w.key = g.key) is not null
      );
      raise no_data_found;
    exception
      when no_data_found then
        null;
    end;
  end loop;
  if exists (
    select from unnest(workflow_keys) as g (key)
    where (select w.key from workflows w where w.key = g.key) is null
  ) then
    perform _raise_deleted();
  end if;
  if caller_key is not null and caller_key <> all (v_keys) then
    active := array_remove(active, caller_key);
  end if;
end
$$;

comment on function _hold_family(bigint[], boolean, bigint) is
  'Keeps workflows, with their children if that is asked for, from ending, changing hands and starting children
until the end of the transaction; besides them the workflow that calls this, if any. Returns the keys of those that
are active, and of those that are dead-lettered. Raises PD001 with children, in a transaction that is not read
committed.';

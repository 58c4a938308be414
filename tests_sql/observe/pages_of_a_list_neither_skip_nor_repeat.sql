-- Page by page, in each of the three orders and both ways, with moments that are the same and not in the order
-- of the keys; what a cursor names may have gone meanwhile.
begin;
\ir ../_setup.inc
\ir _listed.inc

update workflows set created_at = '2030-01-01 12:00+00' where workflow_id in ('a2', 'b3', 'b4', 'c7');
update workflows set created_at = '2030-01-01 11:00+00' where workflow_id = 'e9';
update outcomes o set completed_at = '2030-01-01 14:00+00' from workflows w where w.key = o.key and w.name = 'c';

update outcomes set app_version = 'v3';
update workflows set application = 'store' where workflow_id in ('a2', 'b3', 'c6', 'd8');

create function pg_temp.paged(arguments text, size int, forgetful boolean default false)
returns text
language plpgsql
as $$
declare
  v_after text;
  v_row record;
  v_ids text[] := '{}';
  v_many int;
begin
  loop
    v_many := 0;
    for v_row in execute format('select * from list_workflows(max_workflows => %s, after => %L%s)', size, v_after, arguments) loop
      v_after := v_row.cursor;
      v_ids := v_ids || v_row.workflow_id;
      v_many := v_many + 1;
    end loop;
    exit when v_many < size or cardinality(v_ids) > 20;
    if forgetful then
      delete from outcomes where key = v_row.workflow_key;
      delete from tasks where key = v_row.workflow_key;
      delete from workflows where key = v_row.workflow_key;
    end if;
  end loop;
  return array_to_string(v_ids, ' ');
end
$$;

create temp table orders (arguments text, expected text);
insert into orders values
  ('', 'e9 d8 c7 c6 b5 b4 b3 a2 a1'),
  (', newest_first => false', 'a1 a2 b3 b4 b5 c6 c7 d8 e9'),
  ($$, statuses => '{ERROR,SUCCESS,PENDING,CANCELLED}'$$, 'd8 c6 b5 b4 b3'),
  ($$, statuses => '{ERROR,SUCCESS,PENDING,CANCELLED}', newest_first => false$$, 'b3 b4 b5 c6 d8'),
  ($$, names => '{a,b,c}'$$, 'c7 c6 b5 b4 b3 a2 a1'),
  ($$, names => '{b}', newest_first => false$$, 'b3 b4 b5'),
  ($$, queues => '{pgtap}'$$, 'c7 c6 b5 b4 b3 a2 a1'),
  ($$, queues => '{pgtap}', newest_first => false$$, 'a1 a2 b3 b4 b5 c6 c7'),
  ($$, users => '{ann}'$$, 'b5 a1'),
  ($$, app_versions => '{v3}'$$, 'c7 c6 b5 b4'),
  ($$, app_versions => '{v3}', newest_first => false$$, 'b4 b5 c6 c7'),
  ($$, applications => '{store}'$$, 'd8 c6 b3 a2'),
  ($$, applications => '{store}', newest_first => false$$, 'a2 b3 c6 d8'),
  ($$, app_versions => '{v1,v3}'$$, 'c7 c6 b5 b4 a2'),
  ($$, executors => '{host-1,host-2}', newest_first => false$$, 'b3 b4 b5 d8'),
  ($$, created_from => '2030-01-01 11:00+00'$$, 'd8 c6 b5 a1 c7 b4 b3 a2 e9'),
  ($$, created_from => '2030-01-01 11:00+00', newest_first => false$$, 'e9 a2 b3 b4 c7 a1 b5 c6 d8'),
  ($$, created_from => '2030-01-01', statuses => '{ENQUEUED,PENDING,SUCCESS,MAX_RECOVERY_ATTEMPTS_EXCEEDED}'$$, 'd8 c7 b4 b3 a2 e9'),
  ($$, executors => '{host-2}'$$, 'b5 b4'),
  ($$, executors => '{host-2}', newest_first => false$$, 'b4 b5'),
  ($$, started_from => '2030-01-01'$$, 'b5 b4 b3 d8'),
  ($$, started_until => '2030-01-02', newest_first => false$$, 'd8 b3 b4 b5'),
  ($$, started_from => '2030-01-01 12:30+00', statuses => '{PENDING,SUCCESS,CANCELLED}'$$, 'b4 b3'),
  ($$, started_from => '2030-01-01', created_from => '2030-01-01 12:00+00'$$, 'd8 b5 b4 b3'),
  ($$, completed_from => '2030-01-01'$$, 'b5 c7 c6 b4'),
  ($$, completed_from => '2030-01-01', newest_first => false$$, 'b4 c6 c7 b5'),
  ($$, completed_from => '2030-01-01', statuses => '{SUCCESS,CANCELLED}'$$, 'c6 b4');

select plan(3 * count(*)::int + 3) from orders;
select is(pg_temp.paged(arguments, size), expected, format('by %s %s', size, arguments))
from orders, generate_series(1, 3) as size;

savepoint complete;
select is(pg_temp.paged(', newest_first => false', 2, true), 'a1 a2 b3 b4 b5 c6 c7 d8 e9', 'the last of each page is deleted');
rollback to complete;
select is(
  pg_temp.paged($$, created_from => '2030-01-01 11:00+00'$$, 2, true), 'd8 c6 b5 a1 c7 b4 b3 a2 e9', 'by creation'
);
rollback to complete;
select is(pg_temp.paged($$, completed_from => '2030-01-01'$$, 1, true), 'b5 c7 c6 b4', 'by completion');

select * from finish();
rollback;

-- The other claim is a session of its own, which holds what a claim holds until it commits.
begin;
\ir ../_setup.inc

select register_queue('pgtap limited', concurrency => 10), register_queue('pgtap free') \g /dev/null
select queue_id as limited from queues where name = 'pgtap limited' \gset
select queue_id as free from queues where name = 'pgtap free' \gset
select queue_id as third from queues where name = 'pgtap' \gset
select 'queues'::regclass::oid::bigint::bit(32)::int as space \gset

create function pg_temp.connect()
returns boolean
language plpgsql
as $$
begin
  create extension if not exists dblink;
  perform dblink_connect('other', format('dbname=%s port=%s', quote_ident(current_database()), current_setting('port')));
  return true;
exception
  when others then
    return false;
end
$$;

create function pg_temp.other(statement text)
returns void
language plpgsql
as $$
begin
  perform from dblink('other', statement) as r (done text);
end
$$;

create function pg_temp.claimed(executor bigint, many int)
returns text
language sql
as $$
  select coalesce(string_agg(queue, ', ' order by queue), 'nothing')
  from claim(executor, array['pgtap limited', 'pgtap free'], many)
$$;

-- The other session holds the queue until somebody waits for it. It is seen to wait within 50 ms, or
-- at one of the next claims.
create function pg_temp.claimed_when_another_is_done(executor bigint, space int, queue_id int)
returns bigint
language plpgsql
as $$
declare
  v_claimed bigint := 0;
begin
  perform dblink_send_query('other', format(
    'do $do$ begin loop exit when exists (
       select from pg_locks l where l.locktype = ''advisory'' and not l.granted and l.classid::bigint = %s and l.objid = %s
     ); end loop; perform pg_advisory_unlock_all(); end $do$',
    space::bit(32)::bigint, queue_id
  ));
  for v_try in 1 .. 100 loop
    select count(*) into v_claimed from claim(executor, array['pgtap limited']);
    exit when v_claimed > 0;
  end loop;
  perform from dblink_get_result('other') as r (done text);
  perform from dblink_get_result('other') as r (done text);
  return v_claimed;
end
$$;

select plan(6);
select pg_temp.connect() as connected \gset
\if :connected
select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{4}'), queue)
from unnest('{pgtap limited, pgtap free}'::text[]) as queue \g /dev/null

select pg_temp.other(format('select pg_advisory_lock(%s, %s)::text', :space, :limited)) \g /dev/null
select pg_temp.other(format('select pg_advisory_lock_shared(%s, %s)::text', :space, :free)) \g /dev/null
select is(pg_temp.claimed(:worker, 2), 'pgtap free, pgtap free', 'a limited queue is claimed from by one at a time');
select pg_temp.other('select pg_advisory_unlock_all()::text') \g /dev/null
select pg_temp.other(format('select pg_advisory_lock_shared(%s, %s)::text', :space, :limited)) \g /dev/null
select is(pg_temp.claimed(:worker, 1), 'pgtap free', 'nor beside a claim from before the first limit was set');
select pg_temp.other('select pg_advisory_unlock_all()::text') \g /dev/null
select pg_temp.other(format('select pg_advisory_lock(%s, %s)::text', :space, :limited)) \g /dev/null
select is_empty(format($$select claim(%s, array['pgtap limited'])$$, :worker), 'who finds nothing else waits, a moment');
select is(
  pg_temp.claimed_when_another_is_done(:worker, :space, :limited), 1::bigint, 'then it is the turn of the next one'
);
select is(pg_temp.claimed(:worker, 2), 'pgtap free, pgtap limited', 'which keeps it');

select pg_temp.other(format('select pg_advisory_lock(%s, %s)::text', :space, :third)) \g /dev/null
select is_empty(format($$select claim(%s, array['pgtap'])$$, :worker), 'nor from a queue whose limits change');
select dblink_disconnect('other') \g /dev/null
\else
select skip('there is no second session: dblink cannot connect', 6);
\endif

select * from finish();
rollback;

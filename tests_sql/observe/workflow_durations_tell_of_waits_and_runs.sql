begin;
\ir ../_setup.inc
select plan(8);

-- Of name a: 100 that waited 1 to 100 seconds and ran 2 to 200; of b one that waited an hour and ran a minute.
delete from tasks;
delete from outcomes;
delete from workflows;
insert into workflows (key, workflow_id, name, queue_id, max_recovery_attempts, created_at)
select i, 'w' || i, case when i > 100 then 'b' else 'a' end, (select queue_id from queues where name = 'pgtap'), 1, '2030-01-01 12:00+00'
from generate_series(1, 102) as i;
insert into outcomes (key, status, attempts, started_at, completed_at)
select i, case when i % 2 = 0 then 'ERROR' else 'SUCCESS' end::workflow_status, 1, m.started_at, m.started_at + i * interval '2 seconds'
from generate_series(1, 100) as i, lateral (select '2030-01-01 12:00+00'::timestamptz + i * interval '1 second') as m (started_at)
union all
select 101, 'SUCCESS', 1, '2030-01-01 13:00+00', '2030-01-01 13:01+00'
union all
select 102, 'CANCELLED', 0, null, '2030-01-01 13:01+00';

create function pg_temp.durations(arguments text)
returns setof text
language plpgsql
as $$
begin
  return query execute format('select trim(regexp_replace(d::text, ''[(),"]+'', '' '', ''g'')) from (select * from workflow_durations(%s)) as d', arguments);
end
$$;
select set_eq(format('select pg_temp.durations(%L)', c.arguments), c.expected, c.arguments)
from (values
  ('', array[
    'a 100 00:00:50 00:01:35 00:01:39 00:01:40 00:01:40 00:03:10 00:03:18 00:03:20',
    'b 1 01:00:00 01:00:00 01:00:00 01:00:00 00:01:00 00:01:00 00:01:00 00:01:00']),
  ($$'{queue}'$$, array['pgtap 101 00:00:51 00:01:36 00:01:40 01:00:00 00:01:40 00:03:10 00:03:18 00:03:20']),
  ($$names => '{b}', group_by => '{}'$$, array['1 01:00:00 01:00:00 01:00:00 01:00:00 00:01:00 00:01:00 00:01:00 00:01:00']),
  ($$names => '{a}', statuses => '{ERROR}'$$,
    array['a 50 00:00:50 00:01:36 00:01:40 00:01:40 00:01:40 00:03:12 00:03:20 00:03:20']),
  ($$completed_from => '2030-01-01 12:00:03+00', completed_until => '2030-01-01 12:00:06+00'$$,
    array['a 1 00:00:01 00:00:01 00:00:01 00:00:01 00:00:02 00:00:02 00:00:02 00:00:02']),
  ($$queues => '{none}'$$, '{}'::text[])
) as c (arguments, expected);

select throws_ok($$select workflow_durations('{status}')$$, 'PD001', 'cannot group by ''status''');
select throws_ok($$select workflow_durations(statuses => '{no}')$$, 'PD001', 'unknown status ''no''');

select * from finish();
rollback;

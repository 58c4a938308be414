begin;
\ir ../_setup.inc
select plan(8);

delete from steps;
select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue(w, queue => 'pgtap', workflow_id => w) from unnest('{ship,pay}'::text[]) as w \g /dev/null
update workflows set created_at = '2030-01-01 13:00+00' where workflow_id = 'pay';
insert into steps (key, step, name, error, attempts, started_at, completed_at)
select w.key, s.step, s.name, s.error::json, s.attempts, '2030-01-01 12:00+00', '2030-01-01 12:00+00'::timestamptz + s.took
from workflows w
join (values
  ('pay', 1, 'charge', null, 3, interval '1 s'),
  ('pay', 2, 'charge', '"no"', 2, interval '3 s'),
  ('pay', 3, 'mail', '["again"]', 1, null),
  ('ship', 1, 'mail', null, 1, interval '2 s')
) as s (workflow, step, name, error, attempts, took) on s.workflow = w.workflow_id;

create function pg_temp.figures(arguments text)
returns setof text
language plpgsql
as $$
begin
  return query execute format('select trim(regexp_replace(d::text, ''[(),"]+'', '' '', ''g'')) from (select * from step_aggregates(%s)) as d', arguments);
end
$$;
select results_eq(format('select pg_temp.figures(%L)', c.arguments), c.expected, c.arguments)
from (values
  ('', array[
    'charge 2 1 1 0 5 00:00:02 00:00:01 00:00:03 00:00:03 00:00:03', 'mail 2 1 0 1 2 00:00:02 00:00:02 00:00:02 00:00:02 00:00:02']),
  ($$step_names => '{mail}'$$, array['mail 2 1 0 1 2 00:00:02 00:00:02 00:00:02 00:00:02 00:00:02']),
  ($$'{workflow}', max_groups => 1$$, array['pay 3 1 1 1 6 00:00:02 00:00:01 00:00:03 00:00:03 00:00:03']),
  ($$'{step,workflow}', step_names => '{mail}', names => '{ship}'$$,
    array['mail ship 1 1 0 0 1 00:00:02 00:00:02 00:00:02 00:00:02 00:00:02']),
  ($$'{}', created_until => '2030-01-01 13:00+00'$$, array['1 1 0 0 1 00:00:02 00:00:02 00:00:02 00:00:02 00:00:02']),
  ($$created_from => '2030-01-01 13:00+00', step_names => '{mail}'$$, array['mail 1 0 0 1 1'])
) as c (arguments, expected);

select throws_ok($$select step_aggregates('{name}')$$, 'PD001', 'cannot group by ''name''');
select throws_ok($$select step_aggregates(max_groups => -1)$$, 'PD001', 'figures have 1 to 100000 groups, not -1');

select * from finish();
rollback;

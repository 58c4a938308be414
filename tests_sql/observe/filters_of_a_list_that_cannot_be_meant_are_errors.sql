begin;
\ir ../_setup.inc
select plan(18);
set local timezone = 'UTC';

select throws_ok(format('select list_workflows(%s)', c.arguments), 'PD001', c.message, c.arguments)
from (values
  ($$statuses => '{RUNNING}'$$, $$unknown status 'RUNNING'$$),
  ($$statuses => '{ERROR,success}'$$, $$unknown status 'success'$$),
  ($$statuses => '{ERROR,NULL}'$$, 'unknown status null'),
  ('max_workflows => 0', 'a list has 1 to 10000 workflows, not 0'),
  ('max_workflows => -1', 'a list has 1 to 10000 workflows, not -1'),
  ('max_workflows => 10001', 'a list has 1 to 10000 workflows, not 10001'),
  ('max_workflows => null', 'a list has 1 to 10000 workflows, not null'),
  ($$attributes => '[1]'$$, 'attributes are an object, not [1]'),
  ($$attributes => 'null'$$, 'attributes are an object, not null'),
  ($$created_from => '2030-01-02 00:00+00', created_until => '2030-01-01 00:00+00'$$,
    'created_from, 2030-01-02 00:00:00+00, is after created_until, 2030-01-01 00:00:00+00'),
  ($$started_from => '2030-01-02 00:00+00', started_until => '2030-01-01 00:00+00'$$,
    'started_from, 2030-01-02 00:00:00+00, is after started_until, 2030-01-01 00:00:00+00'),
  ($$completed_from => '2030-01-02 00:00+00', completed_until => '2030-01-01 00:00+00'$$,
    'completed_from, 2030-01-02 00:00:00+00, is after completed_until, 2030-01-01 00:00:00+00'),
  ($$after => 'no'$$, 'no cursor of this list: no'),
  ($$after => ''$$, 'no cursor of this list: '),
  ($$after => '2030-01-01T00:00:00.000000Z/4'$$, 'no cursor of this list: 2030-01-01T00:00:00.000000Z/4'),
  ($$after => '4', created_from => '2030-01-01'$$, 'no cursor of this list: 4'),
  ($$after => '2030-13-01T00:00:00.000000Z/4', created_from => '2030-01-01'$$,
    'no cursor of this list: 2030-13-01T00:00:00.000000Z/4')
) as c (arguments, message);

select is_empty(
  $$select from list_workflows(created_from => '2030-01-01', created_until => '2030-01-01')$$, 'an empty span is none'
);

select * from finish();
rollback;

begin;
\ir ../_setup.inc
\ir _listed.inc
set local timezone = 'UTC';
select plan(28);

-- Each group as text, without the columns that are null.
create function pg_temp.counts(arguments text)
returns text
language plpgsql
as $$
declare
  v_text text;
begin
  execute format(
    $q$select string_agg(concat_ws(' ', name, status, queue, executor, app_version, application, to_char(bucket, 'HH24:MI'), workflows), ', ')
      from (select * from workflow_aggregates(%s)) as a$q$,
    arguments
  ) into v_text;
  return v_text;
end
$$;

select is(pg_temp.counts(arguments), expected, arguments)
from (values
  ('',
    'a DELAYED 1, a ENQUEUED 1, b ERROR 1, b PENDING 1, b SUCCESS 1, c CANCELLED 1, c MAX_RECOVERY_ATTEMPTS_EXCEEDED 1, '
    'd PENDING 1, e ENQUEUED 1'),
  ($$'{}'$$, '9'),
  ('null', '9'),
  ($$'{name}'$$, 'b 3, a 2, c 2, d 1, e 1'),
  ($$'{name}', max_groups => 2$$, 'b 3, a 2'),
  ($$'{status}'$$,
    'ENQUEUED 2, PENDING 2, CANCELLED 1, DELAYED 1, ERROR 1, MAX_RECOVERY_ATTEMPTS_EXCEEDED 1, SUCCESS 1'),
  ($$'{queue}'$$, 'pgtap 7, pgtap 2 1, 1'),
  ($$'{executor}'$$, '5, host-1 2, host-2 2'),
  ($$'{app_version}'$$, '7, v1 1, v2 1'),
  ($$'{application}'$$, '7, shop 2'),
  ($$'{name}', statuses => '{ERROR,PENDING}'$$, 'b 2, d 1'),
  ($$'{status}', names => '{b,e}'$$, 'ENQUEUED 1, ERROR 1, PENDING 1, SUCCESS 1'),
  ($$'{}', queues => '{pgtap 2}'$$, '1'),
  ($$'{}', queues => '{none}'$$, null),
  ($$'{status}', queues => '{pgtap 2}'$$, 'ENQUEUED 1'),
  ($$'{bucket}', bucket_width => '4 minutes'$$, '12:00 3, 12:04 4, 12:08 2'),
  ($$'{bucket}', bucket_width => '4 minutes', created_from => '2030-01-01 12:03', created_until => '2030-01-01 12:09'$$,
    '12:00 1, 12:04 4, 12:08 1'),
  ($$'{bucket,status}', bucket_width => '2 minutes', completed_from => '2030-01-01 14:01', completed_until => '2030-01-01 14:03'$$,
    '14:00 1, 14:02 1'),
  ($$'{name}', created_from => '2030-01-01 12:03', created_until => '2030-01-01 12:05'$$, 'b 2'),
  ($$'{status}', created_from => '2030-01-01 12:03', created_until => '2030-01-01 12:05'$$, 'PENDING 1, SUCCESS 1')
) as c (arguments, expected)
where arguments !~ 'bucket,status';

select is(
  pg_temp.counts($$'{bucket,status}', bucket_width => '2 minutes', completed_from => '2030-01-01 14:01',
    completed_until => '2030-01-01 14:03'$$),
  'ERROR 14:00 1, CANCELLED 14:02 1',
  'by the moment of completion'
);

select throws_ok(format('select workflow_aggregates(%s)', c.arguments), 'PD001', c.message, c.arguments)
from (values
  ($$'{colour}'$$, $$cannot group by 'colour'$$),
  ($$'{name,NULL}'$$, 'cannot group by null'),
  ('max_groups => 0', 'figures have 1 to 100000 groups, not 0'),
  ($$statuses => '{no}'$$, $$unknown status 'no'$$),
  ($$'{bucket}'$$, 'bucket_width is missing'),
  ($$bucket_width => '1 day'$$, 'there is a bucket_width and nothing is grouped by bucket'),
  ($$'{bucket}', bucket_width => '1 month'$$, 'a bucket of 1 mon'),
  ($$'{bucket}', bucket_width => '0'$$, 'a bucket of 00:00:00')
) as c (arguments, message);

select * from finish();
rollback;

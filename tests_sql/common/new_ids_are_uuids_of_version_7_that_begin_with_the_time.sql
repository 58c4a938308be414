begin;
\ir ../_setup.inc
select plan(3);

select matches(
  _new_workflow_id(),
  '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  'version 7, variant of RFC 9562'
);

select ok(
  abs(
    ('x' || replace(left(_new_workflow_id(), 13), '-', ''))::bit(48)::bigint
    - extract(epoch from clock_timestamp()) * 1000
  ) < 1000,
  'the first 48 bits are the milliseconds of now'
);

select is(
  (select count(distinct _new_workflow_id()) from generate_series(1, 1000)),
  1000::bigint,
  'a thousand ids differ'
);

select * from finish();
rollback;

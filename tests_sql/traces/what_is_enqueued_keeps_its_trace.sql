begin;
\ir ../_setup.inc
select plan(12);

\set one 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
\set two 00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00

create function pg_temp.kept(ids text[])
returns setof text
language sql
as $$
  select k.traceparent from keep_traces(ids, array_fill(null::text, array[cardinality(ids)])) as k order by k.item
$$;

select enqueue('w', queue => 'pgtap', workflow_id => 'pgtap a', traceparent => :'one') \g /dev/null
select is(pg_temp.kept('{pgtap a}'), :'one', 'one without options');
select enqueue('w', queue => 'pgtap', workflow_id => 'pgtap b', delay => '1 hour', traceparent => :'two') \g /dev/null
select is(pg_temp.kept('{pgtap b}'), :'two', 'one with options');
select enqueue('w', queue => 'pgtap', workflow_id => 'pgtap a', traceparent => :'two') \g /dev/null
select is(pg_temp.kept('{pgtap a}'), :'one', 'the first counts');

select is(
  (select array_agg(created) from enqueue_many(
    'w', '{1,2,3}', 'pgtap', '{pgtap a, pgtap c, pgtap d}', traceparents => array[:'two', :'two', null]
  )),
  '{f,t,t}'
);
select results_eq(
  $$select pg_temp.kept('{pgtap a, pgtap c, pgtap d}')$$, format('values (%L), (%L), (null)', :'one', :'two'), 'many, each its own'
);
select results_eq(
  format(
    $$select pg_temp.kept(array_agg(workflow_id order by item)) from enqueue_many('w', '{1,2}', 'pgtap', traceparents => array[%L, %L])$$,
    :'one', :'two'
  ),
  format('values (%L), (%L)', :'one', :'two'),
  'without ids of their own'
);
select results_eq(
  format(
    $$select pg_temp.kept(array_agg(workflow_id order by item))
    from enqueue_many('w', '{1,2}', 'pgtap', '{null, pgtap e}', traceparents => array[%L, %L])$$,
    :'one', :'two'
  ),
  format('values (%L), (%L)', :'one', :'two'),
  'or only with some'
);

select debounce('w', 'pgtap', '1 hour', queue => 'pgtap', workflow_id => 'pgtap f', traceparent => :'one') \g /dev/null
select is(debounce('w', 'pgtap', '1 hour', queue => 'pgtap', traceparent => :'two'), 'pgtap f');
select is(pg_temp.kept('{pgtap f}'), :'one', 'of a debounce the first call counts');

select throws_ok($$select enqueue('w', queue => 'pgtap', traceparent => 'no')$$, 'PD001', $$'no' is no trace context$$);
select throws_ok(
  $$select enqueue_many('w', '{1}', 'pgtap', traceparents => '{no}')$$, 'PD001', $$'no' is no trace context$$
);
select throws_ok(
  format($$select enqueue_many('w', '{1,2}', 'pgtap', traceparents => '{%s}')$$, :'one'),
  'PD001', 'the arrays given to enqueue_many differ in length'
);

select * from finish();
rollback;

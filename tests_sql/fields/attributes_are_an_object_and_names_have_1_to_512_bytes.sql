begin;
\ir ../_setup.inc
\ir _setup.inc
select plan(13);

select pg_temp.worker() as executor
\gset

select throws_ok(
  $$select enqueue('pay', queue => 'pgtap', attributes => '[1]')$$, 'PD001', 'attributes are a JSON object, not [1]'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', attributes => array['{}', '"x"']::jsonb[])$$,
  'PD001', 'attributes are a JSON object, not "x"'
);
select throws_ok(
  $$select debounce('pay', 'k', '1 s', queue => 'pgtap', attributes => '3')$$,
  'PD001', 'attributes are a JSON object, not 3'
);
select throws_ok(
  format($$select start(%s, 'pay', attributes => 'true')$$, :executor),
  'PD001', 'attributes are a JSON object, not true'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', attributes => array['{}']::jsonb[])$$,
  'PD001', 'the arrays given to enqueue_many differ in length'
);
select throws_ok(
  format($$select start_many(%s, '{pay}', '{null}', config_names => '{a, b}')$$, :executor),
  'PD001', 'the arrays given to start_many differ in length'
);
select throws_ok($$select enqueue('pay', queue => 'pgtap', class_name => '')$$, 'PD001', 'class name is empty');
select throws_ok($$select enqueue('pay', queue => 'pgtap', config_name => '')$$, 'PD001', 'config name is empty');
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap', authenticated_user => repeat('a', 513))$$,
  'PD001', 'authenticated user is too long: 513 bytes'
);
select throws_ok($$select enqueue('pay', queue => 'pgtap', assumed_role => '')$$, 'PD001', 'assumed role is empty');
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap', authenticated_roles => '{a, null}')$$, 'PD001', 'authenticated role is empty'
);
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap null', attributes => 'null') \g /dev/null
select is(pg_temp.origin('pgtap null'), '', 'a JSON null is as good as none');
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap empty', attributes => '{}') \g /dev/null
select is(pg_temp.origin('pgtap empty'), '{}', 'an empty object stays one');

select * from finish();
rollback;

begin;
\ir ../_setup.inc
select plan(7);

select enqueue('pgtap', queue => 'pgtap', workflow_id => g.id)
from (values (e'pgtap\\a'), ('pgtap_a'), ('pgtapxa'), ('pgtap%a')) as g (id) \g /dev/null
select array_agg(key::text order by key) as keys from workflows where name = 'pgtap' \gset
-- As the databases of old programs have it.
set local escape_string_warning = off;
set local standard_conforming_strings = off;

select results_eq(
  format($$select workflow_id from list_workflows(id_prefixes => array[%L])$$, g.prefix),
  array[g.prefix || 'a'], g.prefix
)
from (values (E'pgtap\\'), ('pgtap_'), ('pgtap%')) as g (prefix);
select is(
  (select count(*) from list_workflows(id_prefixes => '{pgtap}', newest_first => false, after => (:'keys'::text[])[1])),
  3::bigint, 'a cursor is read'
);
select is(
  (
    select count(*)
    from list_workflows(id_prefixes => '{pgtap}', created_from => '-infinity', after => '9999-12-31T00:00:00.000000Z/1')
  ),
  4::bigint, 'also one with a moment'
);
select is(
  cron_next('*/20 3 1-31 * 0-6', 'UTC', '2030-01-07 03:00+00'), '2030-01-07 03:20+00'::timestamptz, 'and a cron line'
);
select lives_ok($$select update_queue('pgtap', '{"rate_limit": 5, "rate_period": "1 minute"}')$$);

select * from finish();
rollback;

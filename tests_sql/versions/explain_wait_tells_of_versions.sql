begin;
\ir ../_setup.inc
\ir _versions.inc
select plan(6);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', app_version => 'pgtap v3') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b') \g /dev/null
create function pg_temp.version_reason(id text)
returns text
language sql
as $$
  select max(detail) filter (where reason = 'version') from explain_wait(id)
$$;

-- The others in this database live, too.
update executors set lease_until = clock_timestamp() - interval '1 second' where executor_id not in (:v1, :v2, :none);
select is(pg_temp.version_reason('pgtap a'), null, 'one without version will take it');
select pg_temp.lapse(:none) \g /dev/null
select is(pg_temp.version_reason('pgtap a'), 'it belongs to version pgtap v3, which no living executor runs');
select is(pg_temp.version_reason('pgtap b'), null);
select pg_temp.lapse(:v2) \g /dev/null
select is(pg_temp.version_reason('pgtap b'), 'it has no version, and no living executor runs the latest');
select set_latest_version('pgtap v1') \g /dev/null
select is(pg_temp.version_reason('pgtap b'), null);
select set_version('pgtap v1', array['pgtap a']) \g /dev/null
select is(pg_temp.version_reason('pgtap a'), null);

select * from finish();
rollback;

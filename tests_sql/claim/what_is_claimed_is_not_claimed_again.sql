begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap') \g /dev/null

select is((select count(*) from claim(:worker, array['pgtap'], 10)), 1::bigint, 'the first claim');
select is_empty(format($$select claim(%s, array['pgtap'], 10)$$, :worker), 'by the same executor');
select is_empty($$select claim(pg_temp.worker(), array['pgtap'], 10)$$, 'by another');

select * from finish();
rollback;

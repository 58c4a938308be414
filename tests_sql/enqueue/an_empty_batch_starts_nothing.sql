begin;
\ir ../_setup.inc
select plan(2);

select is_empty($$select enqueue_many('pay', '{}', 'pgtap')$$);
select is_empty($$select claim(pg_temp.worker(), array['pgtap'])$$);

select * from finish();
rollback;

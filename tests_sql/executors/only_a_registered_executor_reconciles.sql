begin;
\ir ../_setup.inc
select plan(2);

select throws_ok($$select reconcile(-1, '{}')$$, 'PD006', null, 'unknown');
select throws_ok($$select reconcile(null, '{}')$$, 'PD006', null, 'null');

select * from finish();
rollback;

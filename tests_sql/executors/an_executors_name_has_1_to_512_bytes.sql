begin;
\ir ../_setup.inc
select plan(4);

select lives_ok($$select register_executor(repeat('ä', 256))$$, '512 bytes');
select throws_ok($$select register_executor(repeat('ä', 256) || 'x')$$, 'PD001', null, '513 bytes');
select throws_ok($$select register_executor('')$$, 'PD001', null, 'empty');
select throws_ok($$select register_executor(null)$$, 'PD001', null, 'null');

select * from finish();
rollback;

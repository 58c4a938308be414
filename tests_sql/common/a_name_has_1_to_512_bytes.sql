begin;
\ir ../_setup.inc
select plan(5);

select lives_ok(
  $$select _check_text('name', repeat('x', 512))$$,
  '512 bytes'
);
select lives_ok(
  $$select _check_text('name', repeat('ä', 256))$$,
  '512 bytes in 256 characters'
);
select throws_ok(
  $$select _check_text('name', repeat('ä', 256) || 'x')$$,
  'PD001', 'name is too long: 513 bytes', '513 bytes in 257 characters'
);
select throws_ok($$select _check_text('name', '')$$, 'PD001', 'name is empty', 'empty');
select throws_ok($$select _check_text('name', null)$$, 'PD001', 'name is empty', 'null');

select * from finish();
rollback;

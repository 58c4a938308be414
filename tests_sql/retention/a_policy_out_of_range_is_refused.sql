begin;
\ir ../_setup.inc
select plan(9);

select throws_ok($$select set_retention('')$$, 'PD001', 'workflow name is empty');
select throws_ok($$select set_retention(max_age => '-1 second')$$, 'PD001', 'nothing can be kept for -1 second');
select throws_ok($$select set_retention(max_age => '101 years')$$, 'PD001');
select throws_ok($$select set_retention(max_count => -1)$$, 'PD001', '-1 workflows cannot be kept');
select throws_ok($$select set_retention(statuses => '{}')$$, 'PD001', 'statuses cannot be {}');
select throws_ok($$select set_retention(statuses => '{PENDING}')$$, 'PD001', 'statuses cannot be {PENDING}');
select throws_ok($$select preview_retention(max_workflows => 0)$$, 'PD001', 'cannot preview 0 workflows');
select throws_ok($$select preview_retention(max_workflows => null)$$, 'PD001', 'cannot preview null workflows');
select ok(not delete_retention('pgtap unknown'), 'removing one that is not there is no error');

select * from finish();
rollback;

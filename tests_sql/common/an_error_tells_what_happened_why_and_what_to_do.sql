begin;
\ir ../_setup.inc
select plan(3);

create function pg_temp.diagnostics(statement text)
returns text[]
language plpgsql
as $$
declare
  v_message text;
  v_detail text;
  v_hint text;
begin
  execute statement;
  return null;
exception
  when others then
    get stacked diagnostics
      v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
    return array[sqlstate, v_message, v_detail, v_hint];
end
$$;

select is(
  pg_temp.diagnostics($$select _raise('PD001', 'what', 'why', 'what to do')$$),
  array['PD001', 'what', 'why', 'what to do'],
  'code, message, detail and hint'
);
select is(
  pg_temp.diagnostics($$select _raise('PD001', 'what', hint => 'what to do')$$),
  array['PD001', 'what', '', 'what to do'],
  'the detail may be left out'
);
select is(
  pg_temp.diagnostics($$select get_result('pgtap none')$$),
  array[
    'PD002', 'workflow ''pgtap none'' does not exist', '',
    'Check the id. A workflow exists once the transaction that enqueued it has committed.'
  ],
  'a caller meets the same'
);

select * from finish();
rollback;

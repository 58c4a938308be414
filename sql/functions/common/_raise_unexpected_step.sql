create or replace function _raise_unexpected_step(
  step int,
  recorded text,
  given text
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _raise(
    'PD005',
    format('step %s is recorded as %L, the workflow now runs %L there', step, recorded, given),
    hint => 'A workflow must take the same steps in the same order on every run.'
  );
end
$$;

comment on function _raise_unexpected_step(int, text, text) is 'Raises PD005: another step is recorded there.';

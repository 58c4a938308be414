-- For what decides by the newest state: with an older snapshot it would overlook what others have
-- claimed, enqueued or changed since the transaction began. (To Postgres, read uncommitted is read committed.)
create or replace function _check_isolation(
  verb text
)
returns void
language plpgsql
set search_path from current
as $$
begin
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    perform _raise(
      'PD001',
      format('%s cannot run in a transaction that is %s', verb, current_setting('transaction_isolation')),
      detail => 'It must see what others have done since the transaction began.',
      hint => 'Call it in a transaction that is read committed.'
    );
  end if;
end
$$;

comment on function _check_isolation(text) is 'Raises PD001 in a transaction that is repeatable read or serializable.';

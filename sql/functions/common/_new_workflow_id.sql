-- UUID version 7 (RFC 9562, 5.7): 48 bits of milliseconds, then random bits. Time-ordered
-- ids keep the unique index on workflow_id compact: new ids go to its right edge.
create or replace function _new_workflow_id()
returns text
language plpgsql
set search_path from current
as $$
begin
  return encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid::text;
end
$$;

comment on function _new_workflow_id() is 'A new time-ordered workflow id (UUID version 7).';

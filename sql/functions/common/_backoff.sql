create or replace function _backoff(
  first interval,
  factor double precision,
  most interval,
  retry int
)
returns interval
language plpgsql
immutable
set search_path from current
as $$
declare
  v_first double precision := extract(epoch from first);
  v_most double precision := extract(epoch from most);
begin
  if v_first = 0 or v_most = 0 then
    return interval '0';
  end if;
  -- Compared as logarithms: the power itself may overflow.
  if ln(v_first) + (retry - 1) * ln(factor) >= ln(v_most) then
    return make_interval(secs => v_most);
  end if;
  return make_interval(secs => v_first * power(factor, retry - 1));
end
$$;

comment on function _backoff(interval, double precision, interval, int) is
  'The wait before retry n, from 1: first * factor ^ (n - 1), at most the most.';

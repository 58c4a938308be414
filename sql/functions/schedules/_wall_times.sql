-- A zone's offset a day before and a day after a time on its clocks are the two that this time can have;
-- what is a moment of that zone is told by reckoning back. Where they differ and the time is missing or
-- comes twice, the moment of the change is found by halving.
create or replace function _wall_times(
  zone text,
  wall timestamp,
  out first timestamptz,
  out last timestamptz,
  out turn timestamptz
)
language plpgsql
immutable
set search_path from current
as $$
declare
  v_wall timestamptz := wall at time zone 'UTC';
  v_before interval := (v_wall - interval '24 hours') at time zone zone - (wall - interval '24 hours');
  v_after interval := (v_wall + interval '24 hours') at time zone zone - (wall + interval '24 hours');
  v_low bigint;
  v_high bigint;
  v_middle bigint;
begin
  first := v_wall - v_before;
  last := first;
  if v_before = v_after then
    return;
  end if;

  last := v_wall - v_after;
  if (first at time zone zone = wall) <> (last at time zone zone = wall) then
    -- Away from the change.
    if first at time zone zone = wall then
      last := first;
    else
      first := last;
    end if;
    return;
  end if;

  v_low := floor(extract(epoch from least(first, last)));
  v_high := floor(extract(epoch from greatest(first, last)));
  while v_high - v_low > 1 loop
    v_middle := (v_low + v_high) / 2;
    turn := to_timestamp(v_middle);
    if turn at time zone zone - turn at time zone 'UTC' = v_after then
      v_high := v_middle;
    else
      v_low := v_middle;
    end if;
  end loop;
  turn := to_timestamp(v_high);
  if first at time zone zone <> wall then
    first := null;
    last := null;
  end if;
end
$$;

comment on function _wall_times(text, timestamp) is
  'When the clocks of a zone show this time. first, last: the same moment; or two, when the clocks are put
back over it; or null, when they are put forward over it. turn: in these two cases the moment of the change.';

-- Calls: cron_next.
create or replace function cron_ticks(
  expression text,
  zone text default 'UTC',
  after timestamptz default null,
  max_ticks int default 5
)
returns setof timestamptz
language plpgsql
stable
security definer
set search_path from current
as $$
declare
  v_tick timestamptz := coalesce(after, _now());
begin
  if max_ticks between 1 and 1000 is not true then
    perform _raise(
      'PD001',
      format('cannot tell %s ticks', coalesce(max_ticks::text, 'null')),
      hint => 'Ask for 1 to 1000, and for more with after => the last one.'
    );
  end if;
  for v_item in 1 .. max_ticks loop
    v_tick := cron_next(expression, zone, v_tick);
    return next v_tick;
  end loop;
end
$$;

comment on function cron_ticks(text, text, timestamptz, int) is
  'The next ticks of a cron line, in order, before a schedule is made of it.
expression, zone: as for cron_next.
after: the moment after which they are; null: now.
max_ticks: how many, 1 to 1000.
Raises PD001 (as cron_next; a number out of range).';

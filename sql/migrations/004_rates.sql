-- Rates whose period is made longer, and periods that mean the same in every time zone.

do $$
begin
if _migrate(4, 'rates') then

-- How many workflows the claim started that wrote the row; of a row whose predecessor was pruned before
-- this was kept, at least one.
alter table starts add column many int;
update starts s
set many = p.many
from (
  select
    o.queue_id, o.lane_id, o.started_at,
    coalesce(o.total - lag(o.total) over (partition by o.queue_id, o.lane_id order by o.started_at), 1) as many
  from starts o
) as p
where (s.queue_id, s.lane_id, s.started_at) = (p.queue_id, p.lane_id, p.started_at);
alter table starts alter column many set not null;

-- A day is 24 hours, whatever the session's time zone makes of it.
update queues
set rate_period = make_interval(secs => extract(epoch from rate_period)::double precision),
    partition_rate_period = make_interval(secs => extract(epoch from partition_rate_period)::double precision)
where rate_period is not null or partition_rate_period is not null;

end if;
end
$$;

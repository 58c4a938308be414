-- Executors tell which queues they serve; what has ended tells how often it was retried.

do $$
begin
if _migrate(8, 'served queues') then

-- Their results have other columns now.
drop function if exists get_workflow(text);
drop function if exists finish_many(bigint[], bigint[], json[], json[]);

-- Null: all.
alter table executors add column queues text[];

-- As in tasks, at its end.
alter table outcomes add column failures int not null default 0;

end if;
end
$$;

-- Timeouts and deadlines, kept by the database.
--
-- A timeout waits in `tasks` until the workflow first starts; then it becomes the deadline and is gone, so
-- nothing that happens later can move the deadline.

do $$
begin
if _migrate(7, 'deadlines') then

-- Their results have other columns now.
drop function if exists run_maintenance(int);
drop function if exists claim(bigint, text[], int);
drop function if exists start_many(bigint, text[], json[], text[], int[], text, bigint[], bigint[], int[]);
drop function if exists get_workflow(text);

-- As asked for, to look at.
alter table workflows
  add column timeout interval,
  add column deadline timestamptz;

alter table tasks
  -- From its first start; null once it has started.
  add column timeout interval,
  -- It is ended then, whatever its state.
  add column deadline timestamptz;

-- As it was.
alter table outcomes add column deadline timestamptz;

create index tasks_deadline on tasks (deadline, key) where deadline is not null;

-- One for each item.
alter type enqueue_options
  add attribute timeouts interval[],
  add attribute deadlines timestamptz[];

end if;
end
$$;

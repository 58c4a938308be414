"""Programs that are written for DBOS and need a process of their own: what is said before `launch`."""

from __future__ import annotations

from typing import Any

from tests_py.dbos.harness import alone, program

TRANSACTIONS = """
    import sys, uuid
    from sqlalchemy import text
    from tests_py.dbos.harness import DBOS, SetWorkflowID, caught, dbos, outcome

    SETTINGS = {"name": "programs", "system_database_url": sys.argv[2], "log_level": "CRITICAL"}
    # Away from the program that has started this one, which would take up its forks.
    SETTINGS["dbos_system_schema"] = "alone"
    table = f"accounts_{uuid.uuid4().hex[:8]}"

    def said(call):
        found = outcome(call)
        return found if found[0] == "returned" else found[:2]
"""

SYNC = (
    TRANSACTIONS
    + """
    source = dbos.SQLAlchemyDatasource.create(sys.argv[2])
    attempts = [0]

    @source.transaction
    def add(amount):
        attempts[0] += 1
        source.sql_session().execute(text(f"insert into {table} values (:a)"), {"a": amount})
        return amount

    @source.transaction(name="total of all", isolation_level="READ COMMITTED")
    def total():
        session = source.sql_session()
        level = session.execute(text("show transaction_isolation")).scalar()
        return [session.execute(text(f"select sum(a) from {table}")).scalar(), level]

    @source.transaction()
    def refuse():
        source.sql_session().execute(text(f"insert into {table} values (1000)"))
        raise ValueError("no")

    @DBOS.workflow()
    def books():
        first = add(1)
        refused = said(refuse)
        second = source.run_tx_step({"name": "inline"}, lambda: add_plainly(5))
        third = source.run_tx_step(None, add_plainly, 6)
        return [first, refused, second, third, total()]

    def add_plainly(amount):
        source.sql_session().execute(text(f"insert into {table} values (:a)"), {"a": amount})
        return amount

    @DBOS.step()
    def in_step():
        return said(lambda: add(50))

    @DBOS.workflow()
    def transaction_in_step():
        return in_step()

    DBOS(config=SETTINGS)
    DBOS.launch()
    engine = source.engine
    with engine.begin() as connection:
        connection.execute(text(f"create table {table} (a int)"))
    name = str(uuid.uuid4())
    for _ in range(2):
        with SetWorkflowID(name):
            print(books())
    print(attempts, [[s["function_name"], s["output"], s["error"] and caught(s["error"])]
                     for s in DBOS.list_workflow_steps(name)])
    print(DBOS.fork_workflow(name, 3).get_result(), attempts)
    print(DBOS.fork_workflow(name, 1).get_result(), attempts)
    print(said(lambda: source.sql_session())[0], said(lambda: add(7)))
    with engine.connect() as connection:
        print(sorted(connection.execute(text(f"select a from {table}")).scalars()))
    DBOS.destroy()
"""
)

ASYNC = (
    TRANSACTIONS
    + """
    import asyncio
    source = asyncio.run(dbos.AsyncSQLAlchemyDatasource.create(sys.argv[2]))
    attempts = [0]

    @source.transaction
    async def add(amount):
        attempts[0] += 1
        await source.sql_session().execute(text(f"insert into {table} values (:a)"), {"a": amount})
        return amount

    @source.transaction(name="refuses", isolation_level="REPEATABLE READ")
    async def refuse():
        await source.sql_session().execute(text(f"insert into {table} values (1000)"))
        raise ValueError("no")

    async def plainly(amount):
        await source.sql_session().execute(text(f"insert into {table} values (:a)"), {"a": amount})
        return amount

    @DBOS.workflow()
    async def books():
        first = await add(1)
        try:
            await refuse()
        except ValueError as e:
            refused = str(e)
        second = await source.run_tx_step_async({"name": "inline"}, plainly, 5)
        return [first, refused, second]

    DBOS(config=SETTINGS)
    DBOS.launch()

    async def main():
        async with source.engine.begin() as connection:
            await connection.execute(text(f"create table {table} (a int)"))
        name = str(uuid.uuid4())
        for _ in range(2):
            with SetWorkflowID(name):
                print(await books())
        steps = await DBOS.list_workflow_steps_async(name)
        print(attempts, [[s["function_name"], s["output"]] for s in steps])
        handle = await DBOS.start_workflow_async(books)
        print(await handle.get_result(), attempts)
        async with source.engine.connect() as connection:
            print(sorted((await connection.execute(text(f"select a from {table}"))).scalars()))

    asyncio.run(main())
    DBOS.destroy()
"""
)

LISTENS = """
    import sys
    from tests_py.dbos.harness import DBOS

    @DBOS.workflow()
    def quick(x):
        return x

    SETTINGS = {"name": "programs", "system_database_url": sys.argv[2], "log_level": "CRITICAL"}
    SETTINGS["dbos_system_schema"] = "listens"
    DBOS(config=SETTINGS)
    DBOS.listen_queues(["listened"])
    DBOS.launch()
    DBOS.register_queue("listened")
    DBOS.register_queue("not listened")
    other = DBOS.enqueue_workflow("not listened", quick, 1)
    print([DBOS.enqueue_workflow("listened", quick, i).get_result() for i in range(3)])
    print(DBOS.start_workflow(quick, "direct").get_result(), other.get_status().status)
    DBOS.cancel_workflow(other.workflow_id)
    DBOS.destroy()
"""

SETTINGS_AND_ENVIRONMENT = """
    import logging, os, sys
    from tests_py.dbos.harness import DBOS, dbos, outcome

    @DBOS.workflow()
    def quick(x):
        return [DBOS.executor_id, DBOS.application_version]

    def run(**more):
        DBOS(config={"name": "settings", "system_database_url": sys.argv[2], "log_level": "CRITICAL", **more})
        DBOS.launch()
        try:
            found = quick(1)
            listed = DBOS.list_workflows(limit=1, sort_desc=True)[0]
            return [found, listed.executor_id, listed.app_version, listed.name]
        finally:
            DBOS.destroy()

    print(run(application_version="a", executor_id="me"))
    print(run(enable_patching=True))
    print(run(enable_patching=True, application_version="b"))
    os.environ["DBOS__VMID"] = "machine"
    os.environ["DBOS__APPVERSION"] = "from environment"
    DBOS.destroy(destroy_registry=False)
    print(run())
    print(run(application_version="c", executor_id="d"))
    del os.environ["DBOS__VMID"], os.environ["DBOS__APPVERSION"]
    first, second = run(), run()
    print(first == second, len(first[0][1]) > 10)
    print(run(application_version="x", dbos_system_schema="other schema", use_listen_notify=False))
    print(run(application_version="x", serializer=dbos.DBOSPortableJSONSerializer(), max_executor_threads=3))
    print(run(application_version="x", sys_db_pool_size=3, notification_listener_polling_interval_sec=0.01))
    missing = {"dbos_system_schema": "not there", "run_migrations": False}
    print(outcome(lambda: run(application_version="x", **missing))[0])
    DBOS.destroy()
    dbos.run_dbos_database_migrations(sys.argv[2], schema="made before")
    print(run(application_version="x", dbos_system_schema="made before", run_migrations=False))
    DBOS.migrate(sys.argv[2], schema="made, too")
    print(run(application_version="x", dbos_system_schema="made, too", run_migrations=False))
    DBOS.destroy(destroy_registry=True)
    print(outcome(lambda: quick(1))[:2])
"""


@program
def transactions() -> Any:
    return alone(SYNC)


@program
def async_transactions() -> Any:
    return alone(ASYNC)


@program
def listens_to_queues() -> Any:
    return alone(LISTENS)


@program
def settings() -> Any:
    return alone(SETTINGS_AND_ENVIRONMENT)

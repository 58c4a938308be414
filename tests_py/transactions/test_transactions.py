"""What a transaction is to a workflow, and to code outside of one."""

import asyncio

import psycopg
import pytest

from perdure import InvalidArgument, NotAuthorized, SerializationError, StepRetriesExceeded, WrongContext
from tests_py.integration.replay import Twice
from tests_py.transactions.workflows import INSERT


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_replay_gets_what_was_recorded(app, sql, ledger, kind):
    if kind == "sync":

        @app.transaction(name="write")
        def write(connection: psycopg.Connection, note: str, *, more: int = 1) -> dict:
            connection.execute(INSERT, ["me", note])
            return {"note": note, "more": more, "pid": connection.info.backend_pid}

        def body():
            return [write("one"), write("two", more=2)]
    else:

        @app.transaction(name="write")
        async def write(connection: psycopg.AsyncConnection, note: str, *, more: int = 1) -> dict:
            await connection.execute(INSERT, ["me", note])
            return {"note": note, "more": more, "pid": connection.info.backend_pid}

        async def body():
            return [await write("one"), await write("two", more=2)]

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert first == second
    assert [(found["note"], found["more"]) for found in first] == [("one", 1), ("two", 2)]
    assert ledger() == ["one", "two"]
    assert sql("select step, name, error, attempts from steps order by step") == [
        (1, "write", None, 1),
        (2, "write", None, 1),
    ]
    assert sql("select bool_and(started_at <= completed_at) from steps") == [(True,)]


def test_the_record_is_in_the_transaction_of_the_writes(run, app, sql):
    """Both rows were written by one transaction of the database."""

    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])

    run(lambda: write())
    assert sql("select (select xmin from steps) = (select xmin from public.ledger)") == [(True,)]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_error_rolls_back_and_is_recorded(app, ledger, kind):
    ran = []
    if kind == "sync":

        @app.transaction()
        def write(connection):
            ran.append(1)
            connection.execute(INSERT, ["me", "one"])
            raise KeyError("no such account")

        def body():
            write()
    else:

        @app.transaction()
        async def write(connection):
            ran.append(1)
            await connection.execute(INSERT, ["me", "one"])
            raise KeyError("no such account")

        async def body():
            await write()

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert [type(first), type(second)] == [KeyError, KeyError]
    assert (ran, ledger()) == ([1], [])
    (step,) = app.list_steps(twice.workflow_id)
    assert type(step.error) is KeyError


def test_an_error_of_the_database_is_the_error_of_the_step(app, ledger):
    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        connection.execute("select 1 / 0")

    twice = Twice(app, lambda: write())
    app.launch()
    first, second = twice.run()
    assert [type(first), type(second)] == [psycopg.errors.DivisionByZero] * 2
    assert ledger() == []


def test_retries_are_those_of_steps(run, app, ledger):
    ran = []

    @app.transaction(retries=2, interval=0.0)
    def write(connection, most):
        ran.append(1)
        connection.execute(INSERT, ["me", f"attempt {len(ran)}"])
        if len(ran) < most:
            raise ValueError("not yet")
        return len(ran)

    def body():
        found = write(3)
        ran.clear()
        try:
            write(9)
        except StepRetriesExceeded as error:
            return found, len(error.errors)

    assert run(body) == (3, 3)
    assert ledger() == ["attempt 3"]


def test_a_result_that_has_no_json_form_rolls_back(run, app, ledger):
    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        return connection

    with pytest.raises(SerializationError, match="the result of step"):
        run(lambda: write())
    assert ledger() == []


def test_a_transaction_that_only_reads_is_a_step(app, sql):
    ran = []

    @app.transaction(read_only=True)
    def read(connection, write):
        ran.append(1)
        if write:
            connection.execute(INSERT, ["me", "one"])
        return connection.execute("select current_setting('transaction_read_only')").fetchone()[0]

    def body():
        try:
            read(True)
        except psycopg.errors.ReadOnlySqlTransaction:
            return read(False)

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == ["on", "on"]
    assert len(ran) == 2
    assert sql("select step from steps order by step") == [(1,), (2,)]


@pytest.mark.parametrize("level", [None, "read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_isolation_level_is_the_one_given(run, app, level, kind):
    show = "select current_setting('transaction_isolation')"
    if kind == "sync":

        @app.transaction(isolation_level=level)
        def read(connection):
            return connection.execute(show).fetchone()[0]

        def body():
            return read()
    else:

        @app.transaction(isolation_level=level)
        async def read(connection):
            return (await (await connection.execute(show)).fetchone())[0]

        async def body():
            return await read()

    assert run(body) == (level or "read committed")


def test_outside_of_a_workflow_it_is_a_transaction_without_a_record(app, ledger, sql):
    @app.transaction()
    def write(connection, note, fails=False):
        connection.execute(INSERT, ["me", note])
        if fails:
            raise KeyError(note)
        return note

    @app.transaction()
    async def write_async(connection, note):
        await connection.execute(INSERT, ["me", note])
        return note

    # Before the launch, and after it.
    assert write("one") == "one"
    app.launch()
    assert write("two") == "two"
    with pytest.raises(KeyError):
        write("bad", fails=True)
    assert asyncio.run(write_async("three")) == "three"
    assert ledger() == ["one", "two", "three"]
    assert sql("select * from steps") == []


def test_in_a_step_it_is_a_transaction_without_a_record(run, app, ledger, sql):
    @app.transaction()
    def write(connection, note):
        connection.execute(INSERT, ["me", note])

    @app.step(name="outer")
    def outer():
        write("one")
        raise KeyError("afterwards")

    def body():
        try:
            outer()
        except KeyError:
            return True

    assert run(body)
    assert ledger() == ["one"]
    assert sql("select name from steps") == [("outer",)]


def test_in_a_transaction_it_is_a_part_of_that(run, app, ledger, sql):
    @app.transaction()
    def inner(connection, note):
        connection.execute(INSERT, ["me", note])
        return connection.info.backend_pid

    @app.transaction(name="outer")
    def outer(connection):
        assert inner("one") == connection.info.backend_pid
        raise KeyError("afterwards")

    def body():
        try:
            outer()
        except KeyError:
            return True

    assert run(body)
    assert ledger() == []
    assert sql("select name from steps") == [("outer",)]


async def test_only_a_transaction_that_is_open_and_of_its_kind_is_joined(new_app, ledger):
    app = new_app()
    ended = asyncio.Event()

    @app.transaction()
    def write(connection: psycopg.Connection, note):
        connection.execute(INSERT, ["me", note])

    @app.transaction()
    async def write_async(connection: psycopg.AsyncConnection, note):
        await connection.execute(INSERT, ["me", note])
        assert connection.info.transaction_status.name == "INTRANS"

    async def late():
        await ended.wait()
        await write_async("late")

    @app.transaction()
    async def outer(connection):
        await write_async("joined")
        await asyncio.to_thread(write, "in a thread")
        return asyncio.create_task(late())

    async with app:
        task = await outer()
        ended.set()
        await task
    assert sorted(ledger()) == ["in a thread", "joined", "late"]


def test_a_method_gets_its_instance_first(run, app, ledger):
    class Books:
        def __init__(self, owner):
            self.owner = owner

        @app.transaction()
        def write(self, connection: psycopg.Connection, note):
            connection.execute(INSERT, [self.owner, note])
            return self.owner

    assert run(lambda: [Books("ada").write("one"), Books("bob").write("two")]) == ["ada", "bob"]
    assert ledger("owner = 'ada'") == ["one"]


@pytest.mark.parametrize("on", ["the class", "a subclass", "an instance"])
def test_static_and_class_methods_are_transactions_in_either_order(run, app, ledger, on):
    class Notes:
        @app.transaction(name="one")
        @staticmethod
        def one(connection, note):
            connection.execute(INSERT, ["me", note])

        @staticmethod
        @app.transaction(name="two")
        def two(connection, note):
            connection.execute(INSERT, ["me", note])

        @app.transaction(name="three")
        @classmethod
        def three(cls, connection, note):
            connection.execute(INSERT, [cls.__name__, note])

        @classmethod
        @app.transaction(name="four")
        def four(cls, connection, note):
            connection.execute(INSERT, [cls.__name__, note])

        @app.transaction(name="five")
        @staticmethod
        async def five(connection, note):
            await connection.execute(INSERT, ["me", note])

    class More(Notes):
        pass

    target = {"the class": Notes, "a subclass": More, "an instance": Notes()}[on]

    async def body():
        for note in ("one", "two", "three", "four"):
            await asyncio.to_thread(getattr(target, note), note)
        await target.five("five")

    run(body)
    assert ledger() == ["one", "two", "three", "four", "five"]
    assert ledger(f"owner = '{'More' if on == 'a subclass' else 'Notes'}'") == ["three", "four"]
    # As a class method calls it from Python 3.13 on.
    vars(Notes)["four"].__func__(Notes, "outside")
    assert ledger()[-1] == "outside"


@pytest.mark.parametrize("order", ["above", "below"])
def test_required_roles_hold_for_transactions(app, ledger, order):
    admins_only = app.required_roles(["admin"])

    def write(connection):
        connection.execute(INSERT, ["me", "one"])

    class Books:
        def write(self, connection):
            write(connection)

    made = []
    for fn in (write, Books.write):
        if order == "above":
            made.append(admins_only(app.transaction()(fn)))
        else:
            made.append(app.transaction()(admins_only(fn)))
    Books.write = made[1]
    for call in (made[0], Books().write):
        with pytest.raises(NotAuthorized):
            call()
    assert ledger() == []


def test_run_step_takes_a_transaction(run, app, ledger, sql):
    @app.transaction(name="write")
    def write(connection, note):
        connection.execute(INSERT, ["me", note])
        return note

    assert run(lambda: app.run_step(write, "one")) == "one"
    assert ledger() == ["one"]
    assert sql("select (select xmin from steps) = (select xmin from public.ledger)") == [(True,)]


def test_savepoints_are_the_codes_own(run, app, ledger):
    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        try:
            with connection.transaction():
                connection.execute(INSERT, ["me", "two"])
                connection.execute("select 1 / 0")
        except psycopg.errors.DivisionByZero:
            return "went on"

    assert run(lambda: write()) == "went on"
    assert ledger() == ["one"]


def test_code_that_goes_on_after_an_error_is_told_about_savepoints(run, app, ledger):
    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        try:
            connection.execute("select 1 / 0")
        except psycopg.errors.DivisionByZero:
            return "went on"

    with pytest.raises(WrongContext, match="savepoint"):
        run(lambda: write())
    assert ledger() == []


def test_the_code_does_not_end_its_transaction(run, app, ledger):
    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        connection.commit()

    with pytest.raises(psycopg.ProgrammingError, match="commit"):
        run(lambda: write())
    assert ledger() == []


@pytest.mark.parametrize("way", ["commit", "rollback", "close"])
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_code_that_has_ended_its_transaction_all_the_same_is_told(run, app, sql, kind, way):
    """What it writes after that would be on its own; and nothing is said to be done that is not."""
    ran = []

    @app.transaction()
    def write(connection):
        ran.append(1)
        connection.close() if way == "close" else connection.execute(way)

    @app.transaction()
    async def write_async(connection):
        ran.append(1)
        await (connection.close() if way == "close" else connection.execute(way))

    async def body():
        await write_async()

    with pytest.raises(WrongContext, match="ended its transaction itself"):
        run((lambda: write()) if kind == "plain" else body)
    assert ran == [1]
    assert sql("select step, error ->> 'name' from steps") == [(1, "WrongContext")]
    # Outside of a workflow, too.
    with pytest.raises(WrongContext, match="ended its transaction itself"):
        write()


@pytest.mark.parametrize(
    "statements",
    [
        ["commit", "begin"],
        ["rollback", "begin"],
        ["commit and chain"],
        ["/* now */ -- or never\n Rollback and chain"],
        ["commit; begin"],
        ["prepare transaction 'x'", "begin"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", ["plain", "async", "a cursor of its own"])
def test_a_transaction_that_took_the_place_of_the_one_that_was_begun_is_told(
    run, app, sql, ledger, kind, statements
):
    """The record would commit with the second one, what was written before without it, or never."""
    if "prepare" in statements[0] and sql("show max_prepared_transactions") == [("0",)]:
        statements = ["commit", "begin"]
    ran = []

    @app.transaction(retries=3)
    def write(connection):
        ran.append(1)
        connection.execute(INSERT, ["me", "one"])
        for statement in statements:
            if kind == "plain":
                connection.execute(statement)
            elif ";" in statement or "chain" in statement:
                connection.cursor().execute(statement)
            else:
                psycopg.ClientCursor(connection).execute(statement)
        connection.execute(INSERT, ["me", "two"])

    @app.transaction(retries=3)
    async def write_async(connection):
        ran.append(1)
        await connection.execute(INSERT, ["me", "one"])
        for statement in statements:
            await connection.execute(statement)
        await connection.execute(INSERT, ["me", "two"])

    async def body():
        await write_async()

    with pytest.raises(WrongContext, match="ended its transaction itself"):
        run(body if kind == "async" else lambda: write())
    assert ran == [1]
    assert "two" not in ledger()
    assert sql("select step, error ->> 'name' from steps") == [(1, "WrongContext")]


def test_savepoints_and_texts_that_speak_of_an_end_end_nothing(run, app, ledger):
    @app.transaction()
    def write(connection):
        connection.execute("savepoint a")
        connection.execute(INSERT, ["me", "undone"])
        connection.execute("rollback to savepoint a")
        connection.execute("rollback work to a")
        connection.execute("do $$ begin null; end; $$")
        connection.execute("select 'commit; begin'")
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(INSERT, ["me", "commit"])
        connection.execute("release a")

    run(lambda: write())
    assert ledger() == ["commit"]


def test_a_rollback_without_an_error_is_one(run, app, ledger):
    @app.transaction()
    def write(connection):
        connection.execute(INSERT, ["me", "one"])
        raise psycopg.Rollback

    with pytest.raises(WrongContext, match=r"psycopg\.Rollback"):
        run(lambda: write())
    assert ledger() == []


def test_work_is_enqueued_with_the_writes(run, app, sql):
    @app.transaction()
    def write(connection, fails):
        connection.execute("select perdure.enqueue('later', workflow_id => %s)", [f"fails {fails}"])
        if fails:
            raise KeyError("no")

    def body():
        write(False)
        try:
            write(True)
        except KeyError:
            return True

    assert run(body)
    assert sql("select workflow_id from workflows where name = 'later'") == [("fails False",)]


async def test_many_at_once_share_the_connections(new_app, ledger):
    app = new_app(max_connections=3)

    @app.transaction()
    async def write(connection, n):
        await connection.execute(INSERT, ["me", str(n)])
        return n

    @app.workflow()
    async def many():
        return sorted(await asyncio.gather(*(write(n) for n in range(20))))

    async with app:
        assert await many() == list(range(20))
    assert sorted(map(int, ledger())) == list(range(20))


def test_bad_options_are_refused(app):
    for options in ({"retries": -1}, {"backoff": 0.5}):
        with pytest.raises(InvalidArgument, match="not negative"):
            app.transaction(**options)(lambda connection: 1)
    with pytest.raises(InvalidArgument, match="isolation level is one of"):
        app.transaction(isolation_level="chaos")
    for options in ({"isolation_level": 1}, {"read_only": "no"}, {"retries": "1"}, {"name": ""}):
        with pytest.raises(InvalidArgument, match=next(iter(options))):
            app.transaction(**options)(lambda connection: 1)
    with pytest.raises(InvalidArgument, match=r"@app\.transaction\(\)"):
        app.transaction(lambda connection: 1)

"""Sessions of SQLAlchemy, and Django's connection."""

import contextlib
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import NullPool

from perdure import InvalidArgument, WrongContext
from perdure.sqlalchemy import transaction
from tests_py.integration.replay import Twice
from tests_py.transactions.workflows import configure_django


class Base(DeclarativeBase):
    pass


class Entry(Base):
    __tablename__ = "ledger"
    __table_args__ = {"schema": "public"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    note: Mapped[str | None]


@pytest.fixture
def url(database):
    return database.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def sessions(url):
    return sessionmaker(create_engine(url, poolclass=NullPool))


@pytest.fixture
def async_sessions(url):
    return async_sessionmaker(create_async_engine(url, poolclass=NullPool))


LOCK = "do $$ begin lock table public.ledger in access exclusive mode nowait; end $$"
SAME_TRANSACTION = "select (select xmin from steps) = (select xmin from public.ledger)"


def test_what_a_session_holds_is_committed_with_the_step(app, sessions, ledger, sql):
    @transaction(app, sessions)
    def write(session: Session, note: str) -> int:
        entry = Entry(owner="me", note=note)
        session.add(entry)
        session.flush()
        return entry.id

    twice = Twice(app, lambda: write("one"))
    app.launch()
    first, second = twice.run()
    assert first == second
    assert ledger() == ["one"]
    assert sql(SAME_TRANSACTION) == [(True,)]


def test_what_was_not_flushed_is_written_too(app, async_sessions, ledger, sql):
    @transaction(app, async_sessions)
    async def write(session: AsyncSession, note: str) -> str:
        session.add(Entry(owner="me", note=note))
        return note

    async def body():
        return await write("one")

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == ["one", "one"]
    assert ledger() == ["one"]
    assert sql(SAME_TRANSACTION) == [(True,)]


@pytest.mark.parametrize("nested", [False, True])
def test_a_session_is_not_committed_by_the_code(run, app, sessions, ledger, nested):
    @transaction(app, sessions)
    def write(session):
        session.add(Entry(owner="me", note="one"))
        if nested:
            session.begin_nested()
        session.commit()

    with pytest.raises(WrongContext, match="do not commit"):
        run(lambda: write())
    assert ledger() == []


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (lambda session: session.rollback(), "ended its transaction itself"),
        (lambda session: session.close(), "ended its transaction itself"),
        (lambda session: session.connection().commit(), "commits by itself"),
        (lambda session: session.connection().rollback(), "ended its transaction itself"),
    ],
    ids=["rollback", "close", "commit of the connection", "rollback of the connection"],
)
@pytest.mark.parametrize("goes_on", [False, True], ids=["", "and goes on"])
def test_a_session_is_not_ended_by_the_code(run, app, sessions, ledger, sql, end, says, goes_on):
    @transaction(app, sessions)
    def write(session: Session) -> None:
        session.add(Entry(owner="me", note="one"))
        session.flush()
        end(session)
        if goes_on:
            session.add(Entry(owner="me", note="two"))
            session.flush()

    # SQLAlchemy itself refuses to go on after some of them.
    with pytest.raises((WrongContext, InvalidRequestError), match=f"{says}|This transaction is inactive"):
        run(lambda: write())
    assert ledger() == []
    # No connection is left behind with a transaction that is open.
    sql(LOCK)


def test_a_commit_of_an_async_sessions_connection_is_refused(run, app, async_sessions, ledger, sql):
    @transaction(app, async_sessions)
    async def write(session: AsyncSession) -> None:
        session.add(Entry(owner="me", note="one"))
        await session.flush()
        await (await session.connection()).commit()

    async def body():
        await write()

    with pytest.raises(WrongContext, match="commits by itself"):
        run(body)
    assert ledger() == []
    sql(LOCK)


ENDS = pytest.mark.parametrize(
    "statement", ["commit", "rollback", "commit and chain", "/* now */ ROLLBACK AND CHAIN"]
)


@ENDS
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_a_session_whose_transaction_ends_by_a_statement_is_told(
    run, app, sessions, async_sessions, ledger, sql, kind, statement
):
    """What is written after it is in another transaction, which SQLAlchemy takes for the first."""
    ran = []

    @transaction(app, sessions, retries=3)
    def write(session: Session) -> None:
        ran.append(1)
        session.execute(text("insert into public.ledger (owner, note) values ('me', 'one')"))
        session.execute(text(statement))
        session.add(Entry(owner="me", note="two"))
        session.flush()

    @transaction(app, async_sessions, retries=3)
    async def write_async(session: AsyncSession) -> None:
        ran.append(1)
        await session.execute(text("insert into public.ledger (owner, note) values ('me', 'one')"))
        await session.execute(text(statement))
        session.add(Entry(owner="me", note="two"))
        await session.flush()

    async def body():
        await write_async()

    with pytest.raises(WrongContext, match="ended its transaction itself"):
        run(body if kind == "async" else lambda: write())
    assert ran == [1]
    assert ledger() == (["one"] if "commit" in statement else [])
    assert sql("select step, error ->> 'name' from steps") == [(1, "WrongContext")]
    sql(LOCK)


def test_a_savepoint_of_a_session_ends_nothing(run, app, sessions, ledger):
    @transaction(app, sessions)
    def write(session: Session) -> None:
        session.execute(text("savepoint a"))
        session.add(Entry(owner="me", note="undone"))
        session.flush()
        session.execute(text("rollback to savepoint a"))
        with contextlib.suppress(KeyError), session.begin_nested():
            session.add(Entry(owner="me", note="undone, too"))
            session.flush()
            raise KeyError
        session.add(Entry(owner="me", note="kept"))

    run(lambda: write())
    assert ledger() == ["kept"]


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_an_engine_without_transactions_is_refused(run, app, url, ledger, kind):
    make = create_engine if kind == "plain" else create_async_engine
    engine = make(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    @transaction(app, sessionmaker(engine) if kind == "plain" else sessionmaker())
    def write(session: Session) -> None:
        session.add(Entry(owner="me", note="one"))

    @transaction(app, async_sessionmaker(engine) if kind == "async" else async_sessionmaker())
    async def write_async(session: AsyncSession) -> None:
        session.add(Entry(owner="me", note="one"))

    async def body():
        await write_async()

    with pytest.raises(WrongContext, match="AUTOCOMMIT"):
        run((lambda: write()) if kind == "plain" else body)
    assert ledger() == []


def test_savepoints_of_a_session_are_the_codes_own(run, app, sessions, ledger):
    @transaction(app, sessions)
    def write(session):
        session.add(Entry(owner="me", note="one"))
        with session.begin_nested():
            session.add(Entry(owner="me", note="two"))
        with contextlib.suppress(KeyError), session.begin_nested():
            session.add(Entry(owner="me", note="three"))
            raise KeyError

    run(lambda: write())
    assert sorted(ledger()) == ["one", "two"]


@pytest.mark.parametrize("options", [{"isolation_level": "serializable"}, {"read_only": True}])
def test_a_session_has_the_options_of_its_transaction(run, app, sessions, options):
    @transaction(app, sessions, **options)
    def read(session):
        show = "select current_setting('transaction_isolation'), current_setting('transaction_read_only')"
        session.scalars(select(Entry)).all()
        return list(session.execute(text(show)).one())

    expected = ["serializable", "off"] if "isolation_level" in options else ["read committed", "on"]
    assert run(lambda: read()) == expected


def test_sessions_and_function_are_both_async_or_neither(app, sessions, async_sessions):
    async def is_async(session):
        pass

    def is_not(session):
        pass

    for maker, fn in ((sessions, is_async), (async_sessions, is_not)):
        with pytest.raises(InvalidArgument, match="an async function takes an `async_sessionmaker`"):
            transaction(app, maker)(fn)


@pytest.mark.parametrize("mishap", ["conflict", "loss"])
@pytest.mark.parametrize("kind", ["sqlalchemy", "async sqlalchemy", "django"])
def test_a_conflict_or_a_lost_connection_runs_it_again(
    run, app, sql, ledger, sessions, async_sessions, kind, mishap, request
):
    sql("insert into public.ledger (note) values ('one')")
    ran = []
    read, write = (
        "select pg_backend_pid() from public.ledger",
        "update public.ledger set note = note || ', two'",
    )

    def meddle(pid):
        ran.append(pid)
        if len(ran) == 1 and mishap == "conflict":
            sql("update public.ledger set note = note || ', meddled'")
        elif len(ran) == 1:
            sql("select pg_terminate_backend(%s, 10000)", pid)

    if kind == "async sqlalchemy":

        @transaction(app, async_sessions, isolation_level="repeatable read")
        async def change(session):
            meddle((await session.execute(text(read))).scalar_one())
            await session.execute(text(write))

        async def body():
            await change()

    elif kind == "sqlalchemy":

        @transaction(app, sessions, isolation_level="repeatable read")
        def change(session):
            meddle(session.execute(text(read)).scalar_one())
            session.execute(text(write))

        def body():
            change()

    else:
        django = request.getfixturevalue("django")
        from perdure.django import transaction as django_transaction

        @django_transaction(app, isolation_level="repeatable read")
        def change():
            with django.cursor() as cursor:
                cursor.execute(read)
                meddle(cursor.fetchone()[0])
                cursor.execute(write)

        def body():
            change()

    run(body)
    assert len(ran) == 2
    assert ledger() == ["one, meddled, two" if mishap == "conflict" else "one, two"]


@pytest.fixture
def django(database):
    configure_django(database)
    from django.db import connection

    return connection


def test_django_commits_the_step_with_its_writes(run, app, django, ledger, sql):
    from django.db import transaction as of_django

    from perdure.django import transaction as django_transaction

    committed = []

    @django_transaction(app, isolation_level="repeatable read")
    def write(note: str) -> list:
        with django.cursor() as cursor:
            cursor.execute("insert into public.ledger (owner, note) values ('me', %s)", [note])
            with contextlib.suppress(KeyError), of_django.atomic():
                cursor.execute("insert into public.ledger (owner, note) values ('me', 'two')")
                raise KeyError
            of_django.on_commit(lambda: committed.append(note))
            cursor.execute("select current_setting('transaction_isolation')")
            return list(cursor.fetchone())

    assert run(lambda: write("one")) == ["repeatable read"]
    assert ledger() == ["one"]
    assert committed == ["one"]
    assert sql("select (select xmin from steps where step = 1) = (select xmin from public.ledger)") == [
        (True,)
    ]


def test_django_does_not_commit_what_has_failed(run, app, django, ledger, sql):
    from perdure.django import transaction as django_transaction

    @django_transaction(app)
    def write():
        with django.cursor() as cursor:
            cursor.execute("insert into public.ledger (owner, note) values ('me', 'one')")
        django.commit()

    def body():
        try:
            write()
        except Exception as error:
            return type(error).__name__

    assert run(body) == "TransactionManagementError"
    assert ledger() == []


@ENDS
def test_django_code_that_ends_its_transaction_by_a_statement_is_told(
    run, app, django, ledger, sql, statement
):
    from perdure.django import transaction as django_transaction

    ran = []

    @django_transaction(app, retries=3)
    def write():
        ran.append(1)
        with django.cursor() as cursor:
            cursor.execute("insert into public.ledger (owner, note) values ('me', 'one')")
            cursor.execute(statement)
            cursor.execute("insert into public.ledger (owner, note) values ('me', 'two')")

    with pytest.raises(WrongContext, match="ended its transaction itself"):
        run(lambda: write())
    assert ran == [1]
    assert ledger() == (["one"] if "commit" in statement else [])
    assert sql("select step, error ->> 'name' from steps") == [(1, "WrongContext")]


def test_django_code_that_closes_its_connection_is_told(run, app, django, ledger):
    from perdure.django import transaction as django_transaction

    ran = []

    @django_transaction(app)
    def write():
        ran.append(1)
        with django.cursor() as cursor:
            cursor.execute("insert into public.ledger (owner, note) values ('me', 'one')")
        django.close()

    with pytest.raises(WrongContext, match="ended its transaction itself"):
        run(lambda: write())
    assert ledger() == []
    assert ran == [1]


def test_django_has_no_async_transactions(app, django):
    from perdure.django import transaction as django_transaction

    with pytest.raises(InvalidArgument, match="no async transactions"):

        @django_transaction(app)
        async def write():
            pass


@pytest.mark.parametrize(("module", "library"), [("sqlalchemy", "sqlalchemy"), ("django", "django")])
def test_a_library_that_is_missing_is_named_with_its_extra(module, library):
    code = f"import sys; sys.modules[{library!r}] = None; import perdure; import perdure.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"pip install 'perdure[{module}]'" in done.stderr

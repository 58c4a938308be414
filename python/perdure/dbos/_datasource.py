"""Transactions on SQLAlchemy sessions of the user's databases, whose record is kept there."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypedDict, TypeVar, cast

from .._errors import PerdureError
from .._transactions import Datasource
from . import error
from ._app import App, database_url
from ._errors import translated
from ._registry import registry
from ._values import DEFAULT_SERIALIZER, Serializer

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
    from sqlalchemy.orm import Session, sessionmaker

P = ParamSpec("P")
R = TypeVar("R")

IsolationLevel = Literal["SERIALIZABLE", "REPEATABLE READ", "READ COMMITTED"]
_SCHEMA = "dbos"

_session: ContextVar[Any] = ContextVar("perdure_dbos_session", default=None)


class DatasourceOptions(TypedDict, total=False):
    """How a transaction is run."""

    name: str | None
    isolation_level: IsolationLevel


class _Source:
    """What both kinds of datasource have."""

    is_async = False

    def __init__(self, url: str, schema: str | None, sessions: Any) -> None:
        self._url = database_url(url)
        self._schema = schema or f"{_SCHEMA}_datasource"
        self._sessions = sessions
        self._found: tuple[App, Datasource] | None = None
        self._steps: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def _install(self) -> None:
        import psycopg

        from .._engine.transactions import install_datasource

        with psycopg.connect(self._url, autocommit=True, connect_timeout=10) as connection:
            install_datasource(connection, self._schema)

    def _grant(self, role: str | None) -> None:
        import psycopg
        from psycopg import sql

        if role is None:
            return
        names = {"schema": sql.Identifier(self._schema), "role": sql.Identifier(role)}
        with psycopg.connect(self._url, autocommit=True, connect_timeout=10) as connection:
            for text in (
                "grant usage on schema {schema} to {role}",
                "grant select, insert, delete on {schema}.perdure_transactions to {role}",
            ):
                connection.execute(sql.SQL(text).format(**names))

    def _verify(self) -> None:
        import psycopg

        table = f'"{self._schema}".perdure_transactions'
        with psycopg.connect(self._url, autocommit=True, connect_timeout=10) as connection:
            found = connection.execute("select to_regclass(%s)", [table]).fetchone()
        if found == (None,):
            raise error.DBOSInitializationError(
                f"the schema {self._schema!r} has no table of records: run `migrate` first"
            )

    def _where(self) -> Datasource:
        app = registry.launched()
        if self._found is None or self._found[0] is not app:
            self._steps.clear()
            self._found = app, app.datasource(self._url, schema=self._schema)
        return self._found[1]

    def _step(self, func: Callable[..., Any], name: str | None, isolation_level: str) -> Callable[..., Any]:
        from ..sqlalchemy import transaction

        where = self._where()
        place = (func, name, isolation_level)
        if place not in self._steps:
            if inspect.iscoroutinefunction(func) is not self.is_async:
                kind = "an async" if self.is_async else "a plain"
                raise error.DBOSException(f"{func.__qualname__!r}: this datasource wants {kind} function")
            decorate = transaction(
                where,
                self._sessions,
                isolation_level=cast("Any", isolation_level.lower()),
                name=name or func.__qualname__,
            )
            self._steps[place] = decorate(_with_session(func, self.is_async))
        return self._steps[place]

    def _decorated(
        self, func: Callable[..., Any] | None, name: str | None, isolation_level: str
    ) -> Callable[..., Any]:
        def decorate(fn: Callable[..., Any]) -> Callable[..., Any]:
            if self.is_async:

                @functools.wraps(fn)
                async def run_async(*args: Any, **kwargs: Any) -> Any:
                    return await _translating_async(self._step(fn, name, isolation_level)(*args, **kwargs))

                return run_async

            @functools.wraps(fn)
            def run(*args: Any, **kwargs: Any) -> Any:
                return _translating(lambda: self._step(fn, name, isolation_level)(*args, **kwargs))

            return run

        return decorate if func is None else decorate(func)

    def _current(self) -> Any:
        found = _session.get()
        if found is None:
            raise error.DBOSException("there is a session in a transaction of the datasource only")
        return found


def _with_session(func: Callable[..., Any], is_async: bool) -> Callable[..., Any]:
    if is_async:

        @functools.wraps(func)
        async def run_async(session: Any, /, *args: Any, **kwargs: Any) -> Any:
            token = _session.set(session)
            try:
                return await func(*args, **kwargs)
            finally:
                _session.reset(token)

        return run_async

    @functools.wraps(func)
    def run(session: Any, /, *args: Any, **kwargs: Any) -> Any:
        token = _session.set(session)
        try:
            return func(*args, **kwargs)
        finally:
            _session.reset(token)

    return run


def _translating(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except PerdureError as failure:
        raise translated(failure) from failure


async def _translating_async(call: Any) -> Any:
    try:
        return await call
    except PerdureError as failure:
        raise translated(failure) from failure


class SQLAlchemyDatasource(_Source):
    """A database of the user's, for sync functions. Made by `create`."""

    def __init__(
        self,
        *,
        database_url: str,
        engine_kwargs: dict[str, Any],
        engine: Engine | None,
        schema: str | None,
        serializer: Serializer,
        sessionmaker: sessionmaker[Any] | None = None,
    ) -> None:
        from sqlalchemy import create_engine, orm

        self.engine = engine or create_engine(_driver(database_url), **engine_kwargs)
        super().__init__(database_url, schema, sessionmaker or orm.sessionmaker(self.engine))

    @staticmethod
    def create(
        database_url: str,
        engine_kwargs: dict[str, Any] | None = None,
        engine: Engine | None = None,
        schema: str | None = None,
        serializer: Serializer | None = None,
        sessionmaker: sessionmaker[Any] | None = None,
        run_migrations: bool = True,
    ) -> SQLAlchemyDatasource:
        """Makes one, and its table of records.

        Args:
            database_url, engine_kwargs, engine, sessionmaker: of SQLAlchemy.
            schema: where the records are kept.
            serializer: nothing: values are written as the app writes them.
            run_migrations: whether to make the table.
        """
        made = SQLAlchemyDatasource(
            database_url=database_url,
            engine_kwargs=engine_kwargs or {},
            engine=engine,
            schema=schema,
            serializer=serializer or DEFAULT_SERIALIZER,
            sessionmaker=sessionmaker,
        )
        if run_migrations:
            made.run_migrations()
        else:
            made.verify_migrations()
        return made

    @staticmethod
    def migrate(database_url: str, *, schema: str | None = None, application_role: str | None = None) -> None:
        """Makes the table of records in a database; lets a role of Postgres use it."""
        SQLAlchemyDatasource.create(database_url, schema=schema)._grant(application_role)

    def run_migrations(self) -> None:
        """Makes the table of records in that database."""
        self._install()

    def verify_migrations(self) -> None:
        """Raises DBOSInitializationError if the table of records is missing."""
        self._verify()

    def sql_session(self) -> Session:
        """The session of the transaction that runs."""
        return self._current()

    def run_tx_step(
        self, ds_options: DatasourceOptions | None, func: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Runs a function as a step, in a transaction."""
        name, level = _options(ds_options)
        return _translating(lambda: self._step(func, name, level)(*args, **kwargs))

    def transaction(
        self,
        func: Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        isolation_level: IsolationLevel = "SERIALIZABLE",
    ) -> Any:
        """Makes a function a step that runs in a transaction; with or without parentheses."""
        return self._decorated(func, name, isolation_level)


class AsyncSQLAlchemyDatasource(_Source):
    """A database of the user's, for async functions. Made by `create`."""

    is_async = True

    def __init__(
        self,
        *,
        database_url: str,
        engine_kwargs: dict[str, Any],
        engine: AsyncEngine | None,
        schema: str | None,
        serializer: Serializer,
        sessionmaker: async_sessionmaker[Any] | None = None,
    ) -> None:
        from sqlalchemy.ext import asyncio as alchemy

        self.engine = engine or alchemy.create_async_engine(_driver(database_url), **engine_kwargs)
        super().__init__(database_url, schema, sessionmaker or alchemy.async_sessionmaker(self.engine))

    @staticmethod
    async def create(
        database_url: str,
        engine_kwargs: dict[str, Any] | None = None,
        engine: AsyncEngine | None = None,
        schema: str | None = None,
        serializer: Serializer | None = None,
        sessionmaker: async_sessionmaker[Any] | None = None,
        run_migrations: bool = True,
    ) -> AsyncSQLAlchemyDatasource:
        """Makes one, and its table of records; see `SQLAlchemyDatasource.create`."""
        made = AsyncSQLAlchemyDatasource(
            database_url=database_url,
            engine_kwargs=engine_kwargs or {},
            engine=engine,
            schema=schema,
            serializer=serializer or DEFAULT_SERIALIZER,
            sessionmaker=sessionmaker,
        )
        if run_migrations:
            await made.run_migrations()
        else:
            await made.verify_migrations()
        return made

    @staticmethod
    async def migrate(
        database_url: str, *, schema: str | None = None, application_role: str | None = None
    ) -> None:
        """Makes the table of records in a database; lets a role of Postgres use it."""
        made = await AsyncSQLAlchemyDatasource.create(database_url, schema=schema)
        await asyncio.to_thread(made._grant, application_role)

    async def run_migrations(self) -> None:
        """Makes the table of records in that database."""
        await asyncio.to_thread(self._install)

    async def verify_migrations(self) -> None:
        """Raises DBOSInitializationError if the table of records is missing."""
        await asyncio.to_thread(self._verify)

    def sql_session(self) -> AsyncSession:
        """The session of the transaction that runs."""
        return self._current()

    async def run_tx_step_async(
        self,
        ds_options: DatasourceOptions | None,
        func: Callable[P, Coroutine[Any, Any, R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Runs an async function as a step, in a transaction."""
        name, level = _options(ds_options)
        return await _translating_async(self._step(func, name, level)(*args, **kwargs))

    def transaction(
        self,
        func: Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        isolation_level: IsolationLevel = "SERIALIZABLE",
    ) -> Any:
        """Makes an async function a step that runs in a transaction; with or without parentheses."""
        return self._decorated(func, name, isolation_level)


def _options(given: DatasourceOptions | None) -> tuple[str | None, str]:
    found = given or {}
    return found.get("name"), found.get("isolation_level", "SERIALIZABLE")


def _driver(url: str) -> str:
    """The URL with the driver that is installed with the package, unless it names one."""
    scheme, found, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if found and "+" not in scheme else url

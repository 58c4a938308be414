"""Transactions on the connections of Django; needs the extra `django`.

    from perdure.django import transaction

    @transaction(app)
    def book(account: int, amount: int) -> None:
        Booking.objects.create(account=account, amount=amount)

The connection is to the database that has the engine; for another database give the datasource that
`Perdure.datasource` makes for it, in place of the app.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar, cast

from ._engine.transactions import Statement
from ._errors import InvalidArgument
from ._scope import Held, IsolationLevel, TransactionOptions
from ._transactions import Decorates, Transaction, make_transaction, step_options, transaction_options

try:
    _db: Any = importlib.import_module("django.db")
except ImportError as error:
    raise ImportError("perdure.django needs Django: pip install 'perdure[django]'") from error

__all__ = ["transaction"]

P = ParamSpec("P")
R = TypeVar("R")


def transaction(
    where: Decorates,
    using: str = "default",
    *,
    isolation_level: IsolationLevel | None = None,
    read_only: bool = False,
    name: str | None = None,
    retries: int = 0,
    interval: float = 1.0,
    backoff: float = 2.0,
    max_interval: float = 3600.0,
    should_retry: Callable[[BaseException], bool] | None = None,
) -> Callable[[Callable[P, R]], Transaction[P, R]]:
    """`Perdure.transaction` for a function that uses Django's models or connection.

    It runs in an `atomic` block that commits when the function returns, with the step's record. Blocks of its
    own are savepoints, and what it gives to `on_commit` is run after the commit, unless the process dies
    just then. Objects are not JSON: return their keys.

    Args:
        where: the app, whose database the connection uses; or a datasource.
        using: the name of the connection in Django's settings.
        isolation_level, read_only, name, retries, interval, backoff, max_interval, should_retry: see
            `Perdure.transaction`.

    Raises:
        InvalidArgument: a number is out of range, there is no such isolation level, or the function is async:
            Django has no async transactions.
    """
    options = transaction_options(isolation_level, read_only)
    opener = _Opener(using)

    def decorate(fn: Callable[P, R]) -> Transaction[P, R]:
        if isinstance(fn, (staticmethod, classmethod)):
            wrapped: Any = cast("Any", fn)
            return type(wrapped)(decorate(wrapped.__func__))
        if inspect.iscoroutinefunction(fn):
            raise InvalidArgument(
                f"transaction {fn.__qualname__!r} is async, and Django has no async transactions: make it a"
                " plain function"
            )
        step = step_options(fn, name, retries, interval, backoff, max_interval, should_retry)
        where.codec.learn(fn)
        return make_transaction(opener, where.recorder, options, fn, step)

    return decorate


class _Opener:
    def __init__(self, using: str) -> None:
        self._using = using

    @asynccontextmanager
    async def open(self, options: TransactionOptions, is_async: bool) -> AsyncGenerator[Held]:
        connection = _db.connections[self._using]
        _close_what_is_old(connection)
        connection.ensure_connection()
        held = _Held(connection)
        try:
            with _db.transaction.atomic(using=self._using, durable=True):
                characteristics = [
                    *([f"isolation level {options.isolation_level}"] if options.isolation_level else []),
                    *(["read only"] if options.read_only else []),
                ]
                if characteristics:
                    with connection.cursor() as cursor:
                        cursor.execute(f"set transaction {', '.join(characteristics)}")
                yield held
        finally:
            held.look()
            _close_what_is_old(connection)


class _Held:
    def __init__(self, connection: Any) -> None:
        self.given: tuple[Any, ...] = ()
        self.is_lost = False
        self._connection, self._driver = connection, connection.connection

    def look(self) -> None:
        """Looks whether the connection was lost: then, at the end of a block, Django has another."""
        self.is_lost = self.is_open and (
            self._connection.connection is not self._driver or bool(self._driver.closed)
        )

    @property
    def is_open(self) -> bool:
        # Django notes it when the code closes its connection.
        return not self._connection.closed_in_transaction

    async def execute(self, statement: Statement) -> Sequence[Sequence[Any]]:
        with self._connection.cursor() as cursor:
            cursor.execute(*statement)
            return cursor.fetchall()


def _close_what_is_old(connection: Any) -> None:
    """What Django does around each request: by its setting CONN_MAX_AGE a connection is kept, or closed."""
    if not connection.in_atomic_block:  # as in Django's TestCase
        connection.close_if_unusable_or_obsolete()

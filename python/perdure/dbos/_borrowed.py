"""A client whose calls are part of a transaction that SQLAlchemy holds."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, cast

from .._engine import Engine
from .._engine.connections import translate
from ._app import Extras, PlainClient

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session


class _BorrowedEngine(Engine):
    """Calls the functions of the engine on a connection that belongs to another."""

    def __init__(self, schema: str, connection: Connection) -> None:
        super().__init__("", schema)
        self._borrowed = connection

    async def _call(
        self,
        text: Any,
        *args: Any,
        retry_for: float = 60.0,
        hands_out: bool = False,
        row_factory: Any = None,
    ) -> list[Any]:
        statement = text.replace("{schema}", '"' + self.schema.replace('"', '""') + '"')
        try:
            rows = self._borrowed.exec_driver_sql(statement, args).fetchall()
        except Exception as failure:
            cause: Any = getattr(failure, "orig", None)
            if cause is None:
                raise
            raise translate(cause) from failure
        return list(rows)


class _Borrower(PlainClient):
    """A client over such an engine."""

    def lend(self, of: Extras, connection: Connection) -> None:
        """Makes it call there, in the manner of another client."""
        self.codec = of.codec
        self._engine = _BorrowedEngine(of.schema, connection)

    async def _ask(self, make: Any) -> Any:
        return await make()


@contextlib.contextmanager
def borrowed(client: Extras, conn_or_session: Connection | Session) -> Generator[Extras]:
    """A client whose calls are part of the transaction of this connection or session."""
    from sqlalchemy.orm import Session

    if isinstance(conn_or_session, Session):
        conn_or_session.flush()
        connection = conn_or_session.connection()
    else:
        connection = conn_or_session
    found = _Borrower("postgresql://")
    found.lend(client, connection)
    yield cast("Extras", found)

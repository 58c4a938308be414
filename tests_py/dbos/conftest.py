"""An app of `perdure.dbos` in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from perdure.dbos import DBOS


@pytest.fixture
def launch(empty_database: str) -> Iterator[Callable[..., Any]]:
    """Launches DBOS, with this config besides; what was decorated is forgotten at the end."""
    DBOS.destroy(destroy_registry=True)

    def begin(**config: Any) -> Any:
        made = DBOS(config={"name": "test", "system_database_url": empty_database, **config})
        DBOS.launch()
        return made

    yield begin
    DBOS.destroy(destroy_registry=True)

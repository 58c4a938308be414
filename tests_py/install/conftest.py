import itertools
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests_py.support import fresh_database

from .engine import INSTALLERS, roles_dropped

_numbers = itertools.count(1)


@pytest.fixture(params=INSTALLERS)
def install(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Each way to install: `install(url, schema)`; raises `Refused`."""
    return INSTALLERS[request.param]


class Place(NamedTuple):
    url: str
    schema: str


@pytest.fixture
def place(server: str) -> Iterator[Place]:
    """An empty database, and a name for a schema that nobody in the cluster has roles for."""
    schema = f"place_{os.getpid()}_{next(_numbers)}"
    with roles_dropped(server, schema), fresh_database(server) as url:
        yield Place(url, schema)

"""The engine is installed only where nobody else could have planted, or can plant, anything."""

import psycopg
import pytest

from perdure import InvalidArgument, install


@pytest.fixture
def stranger(empty_database: str):
    """A role without any rights but to create schemas."""
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute("drop role if exists perdure_test_stranger")
        owner.execute("create role perdure_test_stranger")
        yield owner
        owner.execute("drop owned by perdure_test_stranger cascade")
        owner.execute("drop role perdure_test_stranger")


def test_a_schema_of_another_role_is_refused(empty_database: str, stranger) -> None:
    stranger.execute("create schema perdure authorization perdure_test_stranger")
    with pytest.raises(InvalidArgument, match="belongs to another role"):
        install(empty_database)


def test_a_schema_in_which_others_may_create_is_refused(empty_database: str, stranger) -> None:
    stranger.execute("create schema perdure")
    stranger.execute("grant create on schema perdure to perdure_test_stranger")
    with pytest.raises(InvalidArgument, match="others may create in it"):
        install(empty_database)
    stranger.execute("revoke create on schema perdure from perdure_test_stranger")
    install(empty_database)

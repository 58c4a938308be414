"""Apps over the test's database."""

from tests_py.integration.conftest import app, client, database, new_app, shared_database, sql  # noqa: F401

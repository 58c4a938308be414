from tests_py.integration.conftest import app, client, database, new_app, shared_database, sql

__all__ = ["app", "client", "database", "new_app", "shared_database", "sql"]

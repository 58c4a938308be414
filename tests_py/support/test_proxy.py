import contextlib
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests_py.support import Link, TcpProxy, wait_until


@pytest.fixture
def proxy(empty_database: str) -> Iterator[TcpProxy]:
    with TcpProxy(empty_database) as proxy:
        yield proxy


@pytest.fixture
def through(proxy: TcpProxy) -> Iterator[Callable[[], psycopg.Connection]]:
    """Connects through the proxy."""
    with contextlib.ExitStack() as opened:
        yield lambda: opened.enter_context(contextlib.closing(psycopg.connect(proxy.url, autocommit=True)))


@pytest.fixture
def direct(connect, empty_database: str) -> psycopg.Connection:
    connection = connect(empty_database)
    connection.execute("create table t (id int)")
    return connection


def rows(connection: psycopg.Connection) -> int:
    return connection.execute("select count(*) from t").fetchone()[0]


def test_opening_a_session_is_no_request(proxy, through):
    through()
    assert (proxy.requests, proxy.replies) == (0, 0)
    assert proxy.connections == 1


def test_each_statement_is_one_round_trip(proxy, through):
    connection = through()
    connection.execute("select 1")
    connection.execute("select %s", [1])
    assert (proxy.requests, proxy.replies) == (2, 2)


def test_a_pipeline_is_one_round_trip(proxy, through):
    connection = through()
    with connection.pipeline():
        for number in range(20):
            connection.execute("select %s::int", [number])
    assert proxy.requests == 1


def test_requests_are_counted_over_all_connections(proxy, through):
    first, second = through(), through()
    first.execute("select 1")
    second.execute("select 1")
    assert proxy.requests == 2
    proxy.reset()
    assert proxy.requests == 0


def test_large_values_and_copies_pass_unharmed(through, direct):
    connection = through()
    text = "x" * 3_000_000
    assert connection.execute("select %s", [text]).fetchone() == (text,)
    with connection.cursor().copy("copy t from stdin") as copy:
        for number in range(50_000):
            copy.write_row([number])
    assert rows(connection) == 50_000


def test_notifications_pass_while_the_client_is_idle(through, direct):
    connection = through()
    connection.execute("listen news")
    direct.execute("notify news, 'hello'")
    (notification,) = connection.notifies(timeout=10, stop_after=1)
    assert notification.payload == "hello"


@pytest.mark.parametrize("params", [None, [1]], ids=["simple", "extended"])
def test_a_request_that_is_cut_off_never_reached_the_server(proxy, through, direct, params):
    connection = through()
    proxy.before_request(2, Link.cut)
    connection.execute("insert into t values (1)", params and [])
    with pytest.raises(psycopg.OperationalError):
        connection.execute(
            "insert into t values (1)" if params is None else "insert into t values (%s)", params
        )
    wait_until(lambda: proxy.connections == 0)
    assert rows(direct) == 1


def test_a_reply_that_is_cut_off_was_done_by_the_server(proxy, through, direct):
    connection = through()
    connection.execute("select 1")
    proxy.before_reply(1, Link.cut)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("insert into t values (1)")
    assert rows(direct) == 1


def test_a_hook_sees_the_database_between_the_work_and_the_answer(proxy, through, direct):
    connection = through()
    seen = []
    proxy.before_request(1, lambda link: seen.append(rows(direct)))
    proxy.before_reply(1, lambda link: seen.append(rows(direct)))
    connection.execute("insert into t values (1)")
    connection.execute("insert into t values (1)")
    assert seen == [0, 1]


def test_what_a_hook_raises_cuts_the_link_and_comes_out_of_close(empty_database):
    proxy = TcpProxy(empty_database)

    def hook(link):
        raise ZeroDivisionError

    proxy.before_request(1, hook)
    with (
        contextlib.closing(psycopg.connect(proxy.url)) as connection,
        pytest.raises(psycopg.OperationalError),
    ):
        connection.execute("select 1")
    with pytest.raises(ZeroDivisionError):
        proxy.close()


def test_a_refusing_proxy_looks_like_a_server_that_is_gone(proxy, through):
    connection = through()
    proxy.refuse()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    with pytest.raises(psycopg.OperationalError):
        through()
    proxy.accept()
    assert through().execute("select 1").fetchone() == (1,)


def test_a_call_can_be_cancelled_through_the_proxy(proxy, through):
    connection = through()
    proxy.before_request(1, lambda link: None)
    connection.cancel_safe()
    assert connection.execute("select 1").fetchone() == (1,)


async def test_it_serves_async_clients(proxy):
    async with await psycopg.AsyncConnection.connect(proxy.url, autocommit=True) as connection:
        await connection.execute("select 1")
    assert proxy.requests == 1

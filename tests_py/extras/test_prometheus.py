"""The text that Prometheus reads, and what serves it."""

import asyncio
import re
import threading
import urllib.request
from wsgiref.util import setup_testing_defaults

import pytest

from perdure import Client
from perdure.prometheus import CONTENT_TYPE, asgi_app, render, render_async, serve, wsgi_app

LINE = re.compile(r'^[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? \S+$')


def test_the_lines_of_a_metric_stand_together_under_its_type(client):
    client.register_queue('a "quoted"\\queue\nof two lines')
    text = render(client)
    assert text.endswith("\n")
    seen: list[str] = []
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind == "gauge"
            assert name not in seen
            seen.append(name)
        elif not line.startswith("# HELP "):
            assert LINE.match(line), line
            assert line.startswith(seen[-1])
            float(line.rpartition(" ")[2])
    assert len(seen) == 8
    assert text.count("# HELP ") == 8
    assert 'queue="a \\"quoted\\"\\\\queue\\nof two lines"' in text


async def test_async_code_gets_the_same(database):
    client = Client(database)
    try:
        assert "perdure_executors" in await render_async(client)
    finally:
        await client.close_async()


def ask_wsgi(client, method):
    environ = {"REQUEST_METHOD": method}
    setup_testing_defaults(environ)
    got = []

    def start(status, headers):
        got.extend((int(status[:3]), dict(headers)))

    with client:
        body = b"".join(wsgi_app(client)(environ, start))
    return got[0], got[1], body


def ask_asgi(client, method):
    sent = []

    async def send(event):
        sent.append(event)

    async def ask():
        async with client:
            await asgi_app(client)({"type": "http", "method": method, "path": "/"}, None, send)

    asyncio.run(ask())
    headers = {name.decode().title(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi], ids=["wsgi", "asgi"])
class TestApps:
    def test_get_answers_and_head_has_no_body(self, database, ask):
        for method in ("GET", "HEAD"):
            status, headers, body = ask(Client(database), method)
            assert (status, headers["Content-Type"]) == (200, CONTENT_TYPE)
            assert (b"perdure_dead_letters 0\n" in body) == (method == "GET")
            if body:
                assert int(headers["Content-Length"]) == len(body)

    def test_nothing_else_is_answered(self, database, ask):
        assert ask(Client(database), "POST")[0] == 405

    def test_without_a_database_it_is_unavailable(self, ask):
        client = Client("postgresql://user:secret@127.0.0.1:1/none", connect_timeout=0.1)
        status, _, body = ask(client, "GET")
        assert (status, body) == (503, b"DatabaseUnavailable\n")


def test_the_server_is_on_loopback(client):
    with serve(client, port=0) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            host, port = server.server_address[:2]
            assert host == "127.0.0.1"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                assert b"perdure_workflows" in answer.read()
        finally:
            server.shutdown()

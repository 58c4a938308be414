"""Whom the console answers, and what a browser may do with its pages."""

import pytest

from perdure import InvalidArgument

TOKEN = "a token of some length"
POST = {"X-Perdure-Console": "1"}


@pytest.fixture
def acted(client):
    """A workflow, and a function that says whether it was cancelled."""
    workflow_id = client.enqueue("w").workflow_id
    return {"ids": [workflow_id]}, lambda: client.get_workflow(workflow_id).status == "CANCELLED"


@pytest.mark.parametrize("host", ["127.0.0.1:8700", "localhost", "LOCALHOST:1", "[::1]:8700"])
def test_loopback_is_known_by_its_names(api, host):
    assert api.get("/api/info", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/workflows", "/static/main.js"])
@pytest.mark.parametrize(
    "host", ["evil.example:8700", "127.0.0.1.evil.example", "", "[::1", "192.0.2.1:8700"]
)
def test_a_name_that_is_not_its_own_gets_nothing(api, path, host):
    found = api.get(path, headers={"Host": host})
    assert found.status_code == 421
    assert "Perdure" not in found.text


def test_a_name_that_was_allowed_is_answered(opened):
    api = opened(allowed_hosts=["Console.Example"])
    assert api.get("/api/info", headers={"Host": "console.example"}).status_code == 200
    assert api.get("/api/info", headers={"Host": "127.0.0.1"}).status_code == 421
    api = opened(allowed_hosts=None, token=TOKEN)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert api.get("/api/info", headers=bearer | {"Host": "any.example"}).status_code == 200


def test_under_any_name_it_needs_a_token(make_console):
    with pytest.raises(InvalidArgument, match="needs a token"):
        make_console(allowed_hosts=None)
    with pytest.raises(InvalidArgument, match="token"):
        make_console(token="")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        POST | {"Origin": "http://evil.example"},
        POST | {"Origin": "http://127.0.0.1:3000"},
        POST | {"Origin": "null"},
        POST | {"Sec-Fetch-Site": "cross-site"},
        POST | {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:8700"},
    ],
)
def test_a_change_that_a_foreign_page_could_send_is_refused(api, acted, headers):
    body, is_cancelled = acted
    assert api.post("/api/workflows/cancel", json=body, headers=headers).status_code == 403
    assert not is_cancelled()


def test_a_change_from_its_own_pages_is_made(api, acted):
    body, is_cancelled = acted
    headers = POST | {"Origin": "http://127.0.0.1:8700", "Sec-Fetch-Site": "same-origin"}
    assert api.post("/api/workflows/cancel", json=body, headers=headers).status_code == 200
    assert is_cancelled()


def test_a_look_changes_nothing_and_an_act_is_no_look(api, acted):
    _, is_cancelled = acted
    assert api.get("/api/workflows/cancel").status_code == 405
    assert api.post("/api/workflows", headers=POST).status_code == 405
    assert not is_cancelled()


def test_one_that_only_shows_changes_nothing(opened, acted):
    body, is_cancelled = acted
    api = opened(read_only=True)
    found = api.post("/api/workflows/cancel", json=body, headers=POST)
    assert (found.status_code, found.json()["error"]) == (403, "ReadOnly")
    assert not is_cancelled()
    assert api.get("/api/info").json()["read_only"] is True


@pytest.mark.parametrize("path", ["/", "/api/info", "/static/main.js", "/api/nowhere", "/api/workflow?id=x"])
def test_every_answer_has_the_policy(api, path):
    headers = api.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_no_page_has_a_script_of_its_own_or_names_another_server():
    import re

    from perdure.console._app import STATIC

    for file in STATIC.iterdir():
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, file.name
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function", text
        ), file.name
    page = (STATIC / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]* src=\"static/)|\son\w+=|\sstyle=", page)


# ------------------------------------------------------------------------------------------- token


def test_without_the_token_there_is_only_the_question_for_it(opened):
    api = opened(token=TOKEN)
    for path in ("/", "/static/main.js"):
        found = api.get(path)
        assert found.status_code == 401
        assert 'type="password"' in found.text
    assert api.get("/api/info").status_code == 401
    assert api.post("/api/queues/pause", json={"name": "default"}, headers=POST).status_code == 401
    for wrong in ("/?token=", "/?token=a", f"/?token={TOKEN}x", "/?token=%C3%BC"):
        found = api.get(wrong)
        assert found.status_code == 401
        assert "set-cookie" not in found.headers
    for cookie in ("", TOKEN, "x", "\u00fc"):
        headers = {"Cookie": f"perdure_console={cookie}".encode("latin-1")}
        assert api.get("/api/info", headers=headers).status_code == 401
    assert api.get("/api/info", headers={"Authorization": "Bearer x"}).status_code == 401


def test_the_token_is_given_once_and_a_strict_cookie_stands_for_it(opened):
    api = opened(token=TOKEN)
    entered = api.get("/", params={"token": TOKEN})
    assert entered.status_code == 200
    assert 'url=./"' in entered.text
    cookie = entered.headers["set-cookie"]
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert api.get("/api/info").status_code == 200
    assert "<main" in api.get("/").text
    # The cookie is no licence for other pages.
    assert api.post("/api/queues/pause", json={"name": "default"}).status_code == 403


def test_over_tls_the_cookie_stays_there(opened):
    api = opened(base_url="https://localhost", token=TOKEN)
    assert "Secure" in api.get("/", params={"token": TOKEN}).headers["set-cookie"]


def test_the_form_takes_the_token_from_its_own_page_only(opened):
    api = opened(token=TOKEN)
    form = {"token": TOKEN}
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert api.post("/login", data=form, headers=headers).status_code == 401
    own = {"Origin": "http://127.0.0.1:8700"}
    assert api.post("/login", data={"token": "x"}, headers=own).status_code == 401
    assert api.post("/login", data={"x": "x" * 5000} | form, headers=own).status_code == 401
    assert api.post("/login", data=form, headers=own).status_code == 200
    assert api.get("/api/info").status_code == 200


def test_a_program_gives_the_token_in_a_header(opened, acted):
    body, is_cancelled = acted
    api = opened(token=TOKEN)
    headers = POST | {"Authorization": f"Bearer {TOKEN}"}
    assert api.post("/api/workflows/cancel", json=body, headers=headers).status_code == 200
    assert is_cancelled()

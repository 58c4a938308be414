"""The pages in a browser."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from perdure import Client, Perdure
from tests_py.console.conftest import with_workflows

EVIL = "<img src=x onerror=\"document.title='owned'\">"
TOKEN = "a token of some length"


class Elsewhere:
    """Calls the methods of an object in another thread: the driver of the browser has an event loop run in
    this one, which may not be blocked."""

    def __init__(self, of: Any, thread: ThreadPoolExecutor) -> None:
        self._of, self._thread = of, thread

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._of, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._thread.submit(found, *args, **kwargs).result(60)

        return call

    def result(self, workflow_id: str) -> Any:
        handle = self.retrieve_workflow(workflow_id)
        return self._thread.submit(handle.get_result, timeout=20).result(60)


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as found:
        yield found


@pytest.fixture
def client(database: str, thread: ThreadPoolExecutor) -> Iterator[Any]:
    found = Elsewhere(Client(database, connect_timeout=5.0, listen=False), thread)
    yield found
    found.close()


@pytest.fixture
def app(database: str, thread: ThreadPoolExecutor) -> Iterator[Any]:
    """A launched app with the workflows of these tests."""
    found = Elsewhere(with_workflows(Perdure(database, name="test", connect_timeout=5.0)), thread)
    found.launch()
    yield found
    found.shutdown(5.0)


@pytest.fixture
def expect(page):
    return pytest.importorskip("playwright.sync_api").expect


def test_names_and_values_are_text_wherever_they_stand(page, expect, served, client, sql):
    client.queue(EVIL, concurrency=1)
    client.create_schedule(EVIL, EVIL, "0 3 * * *", queue=EVIL)
    sql("select perdure.register_version(%s)", EVIL)
    client.enqueue(EVIL, EVIL, queue=EVIL, workflow_id=EVIL, attributes={EVIL: EVIL})
    ((me,),) = sql("select perdure.register_executor(%s, app_version => %s)", EVIL, EVIL)
    ((key, token),) = sql("select workflow_key, token from perdure.claim(%s)", me)
    sql("select perdure.set_event(%s, %s, 1, %s, to_json(%s::text))", key, token, EVIL, EVIL)
    sql("select perdure.record_step(%s, %s, 2, %s, to_json(%s::text))", key, token, EVIL, EVIL)
    error = '{"name": "%s", "message": "%s"}' % ((EVIL.replace('"', '\\"'),) * 2)
    sql("select perdure.finish(%s, %s, null, %s::json)", key, token, error)

    url = served()
    page.goto(url)
    expect(page.locator("td.id a")).to_have_text(EVIL)
    for view, least in (("queues", 1), ("schedules", 2), ("workers", 2), ("health", 0)):
        page.goto(f"{url}#/{view}")
        expect(page.locator("h1")).to_have_text(view.title())
        assert page.locator("main").inner_text().count(EVIL) >= least, view
    page.goto(f"{url}#/workflows")
    page.locator("td.id a").click()
    expect(page.locator("h1 span").first).to_have_text(EVIL)
    page.locator(".timeline summary").last.click()
    assert page.locator("main").inner_text().count(EVIL) >= 7
    assert page.locator("img").count() == 0
    assert "owned" not in page.title().replace(EVIL, "")


def test_the_list_is_filtered_by_its_address_and_refreshes_itself(page, expect, served, client):
    client.enqueue("checkout", workflow_id="first")
    client.cancel(client.enqueue("checkout", workflow_id="gone").workflow_id)
    page.goto(served())
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("cancelled").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator("td.id")).to_have_text(["gone"])
    assert "status=CANCELLED" in page.url
    page.reload()
    expect(page.get_by_label("cancelled")).to_be_checked()
    expect(page.locator("td.id")).to_have_text(["gone"])
    # What is typed and ticked stays while the list is renewed.
    page.get_by_label("Name").fill("check")
    page.get_by_label("choose gone").check()
    client.cancel("first")
    expect(page.locator("td.id")).to_have_text(["gone", "first"])
    expect(page.get_by_label("Name")).to_have_value("check")
    expect(page.get_by_label("choose gone")).to_be_checked()
    page.get_by_role("link", name="all workflows").click()
    expect(page.get_by_label("cancelled")).not_to_be_checked()


def test_pages_follow_each_other(page, expect, served, client):
    client.enqueue_many("checkout", [[n] for n in range(60)])
    page.goto(served())
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="older").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_role("link", name="newest").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(10)


def test_one_workflow_is_acted_on_with_the_keyboard(page, expect, served, client):
    client.enqueue("checkout", [1, 2], workflow_id="w")
    page.goto(f"{served()}#/workflow?id=w")
    expect(page.get_by_text("Why it waits")).to_be_visible()
    cancel = page.get_by_role("button", name="Cancel…")
    cancel.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cancel).to_be_focused()
    assert client.get_workflow("w").status == "ENQUEUED"
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel it").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1 .pill")).to_have_text("cancelled")
    assert client.get_workflow("w").status == "CANCELLED"
    page.get_by_role("button", name="Resume…").click()
    page.get_by_role("button", name="Resume it").click()
    expect(page.locator("h1 .pill")).to_have_text("enqueued")


def test_steps_are_bars_in_time_and_a_fork_starts_from_one(page, expect, served, app, client):
    app.enqueue("day", [7, 13], workflow_id="monday")
    with pytest.raises(ValueError, match="declined"):
        client.result("monday")
    page.goto(f"{served()}#/workflow?id=monday")
    expect(page.locator("h1 .pill")).to_have_text("error")
    expect(page.locator(".error").first).to_contain_text("card declined")
    expect(page.locator(".tree li")).to_have_count(3)
    # Each child is started, and its result waited for, before the next.
    page.get_by_text("Graph", exact=True).click()
    expect(page.locator(".graph rect")).to_have_count(4)
    expect(page.locator(".graph path")).to_have_count(3)
    page.locator(".graph a").first.click()
    expect(page.locator("h1 span").first).to_have_text("monday-1")
    page.go_back()
    page.locator(".tree a").first.click()
    expect(page.locator(".timeline .step-name").last).to_have_text("charge")
    box = page.locator(".timeline .bar").last.bounding_box()
    assert box is not None
    assert box["width"] >= 2
    page.locator(".timeline summary").last.click()
    expect(page.locator(".timeline pre").last).to_have_text('"payment-7"')
    page.get_by_role("button", name=re.compile("Fork from step")).last.click()
    page.get_by_role("button", name="Fork it").click()
    expect(page.locator("dt", has_text="fork of")).to_be_visible()


def test_a_queue_is_paused_limited_and_resumed(page, expect, served, client):
    client.queue("orders", concurrency=2)
    page.goto(f"{served()}#/queues")
    row = page.locator("tr", has_text="orders")
    expect(row.locator("polyline")).to_have_count(2)
    row.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Pause it").click()
    expect(row).to_contain_text("paused")
    row.get_by_role("button", name="Limits").click()
    page.get_by_label("How many run at once", exact=True).fill("")
    page.get_by_label("How many start in a period").fill("5")
    page.get_by_label("The period, in seconds").fill("60")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("5 per 60 s")
    row.get_by_role("button", name="Resume").click()
    expect(row).not_to_contain_text("paused")
    (settings,) = (q for q in client.list_queues() if q.name == "orders")
    assert (settings.concurrency, settings.rate_limit, settings.paused) == (None, 5, False)


def test_what_only_shows_has_no_buttons_for_acts(page, expect, served, client):
    client.enqueue("checkout", workflow_id="w")
    client.create_schedule("nightly", "report", "0 3 * * *")
    url = served(read_only=True)
    for view in ("workflow?id=w", "workflows", "queues", "schedules"):
        page.goto(f"{url}#/{view}")
        expect(page.locator("h1")).to_be_visible()
        names = {name for name in page.locator("main button").all_inner_texts() if name != "Show"}
        assert names == set(), view


def test_at_the_width_of_a_phone_nothing_is_wider_than_the_screen(page, expect, served, app, client):
    long_id = "an-id-that-is-as-long-as-they-get-" + "x" * 60
    app.enqueue("day", [7], workflow_id=long_id)
    client.result(long_id)
    page.set_viewport_size({"width": 360, "height": 740})
    url = served()
    views = ("workflows", "queues", "schedules", "workers", "health")
    for view in (*views, f"workflow?id={long_id}"):
        page.goto(f"{url}#/{view}")
        title = long_id if view.startswith("workflow?") else view.title()
        expect(page.locator("h1")).to_contain_text(title)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view
        # Nor are the tables: their rows are cards.
        wide = "[...document.querySelectorAll('.wide')].every(e => e.scrollWidth <= e.clientWidth)"
        assert page.evaluate(wide), view


def test_the_printed_address_leads_in_and_the_token_leaves_the_address(page, expect, served, client):
    client.enqueue("checkout", workflow_id="w")
    url = served(token=TOKEN)
    page.goto(f"{url}?token={TOKEN}")
    expect(page.locator("td.id")).to_have_text(["w"])
    assert TOKEN.split()[0] not in page.url.replace(url, "")


def test_the_form_leads_in(page, expect, served):
    url = served(token=TOKEN)
    # From a foreign page, as a link in a mail: the first request has no strict cookie.
    page.set_content(f'<a href="{url}">in</a>')
    page.get_by_role("link").click()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Enter").click()
    expect(page.locator("h1")).to_have_text("Workflows")


def test_a_server_that_is_gone_is_told_and_what_was_seen_stays(page, expect, served, client):
    client.enqueue("checkout", workflow_id="w")
    page.goto(served())
    expect(page.locator("td.id")).to_have_text(["w"])
    page.route(
        "**/api/**", lambda route: route.fulfill(status=503, json={"error": "E", "message": "no database"})
    )
    look_again = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(look_again)
    expect(page.get_by_role("alert")).to_have_text("no database")
    expect(page.locator("td.id")).to_have_text(["w"])
    page.unroute("**/api/**")
    page.evaluate(look_again)
    expect(page.get_by_role("alert")).to_be_hidden()

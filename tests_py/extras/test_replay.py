"""Recorded workflows are replayed in memory against the code of today."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import InvalidArgument, Perdure, UnexpectedStep
from perdure.testing import DifferentResult, Replayed, pass_time, replay, replay_async
from tests_py.integration.conftest import new_app
from tests_py.support import wait_until

__all__ = ["new_app"]


class Shop:
    """The workflows of one version of a program; `ran` is the code of steps that was run."""

    def __init__(self, app, is_async, change=""):
        self.app, self.ran = app, []

        @app.step(name="charge")
        def charge(order):
            self.ran.append("charge")
            return f"payment-{order}"

        @app.step(name="ship")
        def ship(order):
            self.ran.append("ship")
            if order == "heavy":
                raise ValueError("too heavy")
            return f"parcel-{order}"

        @app.workflow(name="child")
        def child(number):
            return number * 2

        def checkout(order):
            if change == "swapped":
                ship(order)
            payment = charge(order)
            if change == "one more":
                charge(order)
            app.set_event("state", "paid")
            app.sleep(0.001)
            handle = app.start_workflow(child, 4)
            if change == "patched" and app.patch("new way"):
                return "new"
            doubled = handle.get_result()
            wanted = app.recv("go", timeout=3600)
            if change == "one less":
                return [payment, doubled, wanted, "parcel-7"]
            found = [payment, doubled, wanted, ship(order)]
            if change == "patched at the end" and app.patch("late"):
                found.append("new")
            return [*found, "more"] if change == "another result" else found

        async def checkout_async(order):
            await asyncio.sleep(0)
            return await asyncio.to_thread(checkout, order)

        async def checkout_beside(order):
            if change == "swapped":
                await asyncio.gather(app.run_step_async(ship, order), app.run_step_async(charge, order))
            payment, _ = await asyncio.gather(
                app.run_step_async(charge, order), app.set_event_async("state", "paid")
            )
            if change == "one more":
                await app.run_step_async(charge, order)
            await app.sleep_async(0.001)
            handle = await app.start_workflow_async(child, 4)
            if change == "patched" and await app.patch_async("new way"):
                return "new"
            doubled, wanted = await handle.get_result_async(), await app.recv_async("go", 3600)
            if change == "one less":
                return [payment, doubled, wanted, "parcel-7"]
            found = [payment, doubled, wanted, await app.run_step_async(ship, order)]
            if change == "patched at the end" and await app.patch_async("late"):
                found.append("new")
            return [*found, "more"] if change == "another result" else found

        fn = checkout_beside if is_async else checkout
        self.checkout = app.workflow(name="checkout")(fn)


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def is_async(request):
    return request.param


def offline(is_async, change=""):
    return Shop(Perdure("postgresql://127.0.0.1:1/none"), is_async, change)


@pytest.fixture
def ended(new_app, is_async):
    """The document of a workflow that has ended."""
    shop = Shop(new_app(), is_async)
    with shop.app as app:
        handle = app.enqueue(shop.checkout, 7, workflow_id="w")
        app.send("w", "go", "go")
        assert handle.get_result(timeout=20) == ["payment-7", 8, "go", "parcel-7"]
        return app.export_workflow("w")


@pytest.fixture
def waiting(new_app, is_async):
    """The document of one that waits for a message."""
    shop = Shop(new_app(), is_async)
    with shop.app as app:
        app.enqueue(shop.checkout, 7, workflow_id="w")
        wait_until(lambda: any(s.waits_for for s in app.list_steps("w")))
        document = app.export_workflow("w")
        app.shutdown(0.1)  # there is no message to wait for
    return document


def test_the_same_code_passes_and_runs_no_step(ended, is_async):
    shop = offline(is_async)
    assert replay(shop.app, ended) == Replayed("w", 7, True)
    assert shop.ran == []


def test_a_workflow_that_waits_is_replayed_to_where_its_records_end(waiting, is_async):
    for change in ("", "one less", "another result"):
        shop = offline(is_async, change)
        found = replay(shop.app, waiting)
        assert (found.ended, found.steps >= 5) == (False, True)
        assert shop.ran == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("swapped", "step 1 is recorded as 'charge', the code now runs 'ship' there"),
        ("one more", "is recorded as 'perdure.s.*', the code now runs 'charge' there"),
        ("one less", "step 7 is recorded as 'ship', the code ends before it"),
    ],
)
def test_other_steps_are_told_by_both_names_and_their_number(ended, is_async, change, says):
    with pytest.raises(UnexpectedStep, match=says):
        replay(offline(is_async, change).app, ended)


def test_other_steps_of_one_that_waits_are_told_too(waiting, is_async):
    with pytest.raises(UnexpectedStep, match="step 1 is recorded as 'charge', the code now runs 'ship'"):
        replay(offline(is_async, "swapped").app, waiting)


def test_another_result_is_told(ended, is_async):
    with pytest.raises(DifferentResult, match=r"the code now returns .*more"):
        replay(offline(is_async, "another result").app, ended)


@pytest.mark.parametrize("change", ["patched", "patched at the end"])
def test_a_patch_keeps_old_runs_on_the_old_way(ended, is_async, change):
    assert replay(offline(is_async, change).app, ended).ended


def test_a_step_after_the_end_of_an_ended_one_is_told(new_app, is_async):
    def define(app, many):
        def count():
            return sum(app.run_step(len, "a") for _ in range(many))

        async def count_async():
            return sum([await app.run_step_async(len, "a") for _ in range(many)])

        return app.workflow(name="count")(count_async if is_async else count)

    with new_app() as app:
        app.enqueue(define(app, 2), workflow_id="w").get_result(timeout=20)
        document = app.export_workflow("w")
    later = Perdure("postgresql://127.0.0.1:1/none")
    define(later, 3)
    with pytest.raises(UnexpectedStep, match="step 3 is recorded as nothing, the code now runs 'len' there"):
        replay(later, document)


def test_an_unexpected_step_that_the_code_catches_is_told_all_the_same(ended):
    app = Perdure("postgresql://127.0.0.1:1/none")

    @app.workflow(name="checkout")
    def checkout(order):
        try:
            app.run_step(len, "a")
        except Exception:
            return ["payment-7", 8, "go", "parcel-7"]

    with pytest.raises(UnexpectedStep, match=r"'charge'.* 'len'"):
        replay(app, ended)


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        (ValueError("too heavy"), None),
        (ValueError("too big"), "too heavy.*too big"),
        (KeyError("too heavy"), "ValueError.*KeyError"),
        (None, "raised ValueError, the code now returns null"),
    ],
    ids=["the same", "other words", "another class", "none"],
)
def test_errors_are_compared(new_app, raised, says):
    shop = Shop(new_app(), False)

    @shop.app.workflow(name="fail")
    def fail():
        raise ValueError("too heavy")

    with shop.app as app:
        with pytest.raises(ValueError, match="heavy"):
            app.enqueue(fail, workflow_id="w").get_result(timeout=20)
        document = app.export_workflow("w")
    later = Perdure("postgresql://127.0.0.1:1/none")

    @later.workflow(name="fail")
    def fail_now():
        if raised is not None:
            raise raised

    if says is None:
        assert replay(later, document).ended
    else:
        with pytest.raises(DifferentResult, match=says):
            replay(later, document)


def test_an_event_and_an_enqueued_child_are_replayed_and_a_failed_step_raises(new_app):
    def define(app):
        @app.step(name="boom")
        def boom():
            raise ValueError("no")

        @app.workflow(name="child")
        def child(number):
            app.set_event("number", number)
            return number

        @app.workflow(name="parent")
        async def parent():
            one = await app.enqueue_async(child, 1)
            two, three = await app.enqueue_many_async(child, [[2], [3]])
            event = await app.get_event_async(one.workflow_id, "number")
            await app.send_async(two.workflow_id, "hello")
            results = [await h.get_result_async() for h in (one, two, three)]
            try:
                await asyncio.to_thread(boom)
            except ValueError as error:
                return [event, results, str(error)]

        return parent

    with new_app() as app:
        handle = app.enqueue(define(app), workflow_id="w")
        assert handle.get_result(timeout=20) == [1, [1, 2, 3], "no"]
        document = app.export_workflow("w")
    later = Perdure("postgresql://127.0.0.1:1/none")
    define(later)
    assert replay(later, document) == Replayed("w", 9, True)
    child = json.loads(document)["workflows"][1]["workflow_id"]
    assert replay(later, document, workflow_id=child) == Replayed(child, 1, True)


async def test_from_a_database_by_id_in_async_code(database):
    def define(app):
        @app.workflow(name="w")
        async def w():
            return await app.run_step_async(len, "abc")

        return w

    async with Perdure(database) as app:
        workflow = define(app)
        handle = await app.enqueue_async(workflow, workflow_id="w")
        assert await handle.get_result_async(20) == 3
        assert await replay_async(app, client=app, workflow_id="w") == Replayed("w", 1, True)


def test_from_a_database_by_id_for_a_method(new_app):
    def define(app):
        @app.workflow_class(name="Till")
        class Till:
            @app.workflow()
            def sell(self, order):
                return app.run_step(str, order), app.authenticated_user

        till = Till()
        app.register_instance(till, "berlin")
        return till

    with new_app() as app:
        till = define(app)
        handle = app.enqueue(till.sell, 7, workflow_id="w", authenticated_user="ann")
        assert handle.get_result(timeout=20) == ("7", "ann")
        later = Perdure("postgresql://127.0.0.1:1/none")
        define(later)
        assert replay(later, client=app, workflow_id="w").ended


def test_steps_side_by_side_of_which_one_has_not_ended(new_app, database):
    """What is recorded beyond the one that is missing is checked as well."""

    def define(app, second="second"):
        gate = asyncio.Event()

        async def first():
            await gate.wait()

        async def other():
            return 2

        async def both():
            steps = [
                app.step(name="first")(first)(),
                app.step(name=second)(other)(),
            ]
            await asyncio.gather(*steps)
            return await app.run_step_async(other)

        return app.workflow(name="both")(both)

    app = new_app()
    workflow = define(app)
    app.launch()
    app.enqueue(workflow, workflow_id="w")
    wait_until(lambda: len(app.list_steps("w")) == 1)
    document = app.export_workflow("w")
    app.shutdown(0)
    for second in ("second", "renamed"):
        later = Perdure("postgresql://127.0.0.1:1/none")
        define(later, second)
        if second == "second":
            assert replay(later, document) == Replayed("w", 1, False)
        else:
            with pytest.raises(UnexpectedStep, match=r"step 2 is recorded as 'second'.*'renamed'"):
                replay(later, document)


def test_a_sleep_that_is_not_over_ends_the_records(new_app, database):
    def define(app):
        @app.workflow(name="sleeper")
        def sleeper():
            app.run_step(len, "a")
            app.sleep(3600)
            return app.run_step(len, "ab")

        return sleeper

    with new_app() as app:
        handle = app.enqueue(define(app), workflow_id="w")
        wait_until(lambda: handle.get_status().wake_at is not None)
        document = app.export_workflow("w")
        later = Perdure("postgresql://127.0.0.1:1/none")
        define(later)
        assert replay(later, document) == Replayed("w", 2, False)
        pass_time(database, 3600)
        assert handle.get_result(timeout=20) == 2
        assert replay(later, app.export_workflow("w")) == Replayed("w", 3, True)


def test_threads_of_one_workflow(new_app):
    def define(app):
        @app.workflow(name="threads")
        def threads():
            import contextvars

            with ThreadPoolExecutor(1) as pool:
                context = contextvars.copy_context()
                return pool.submit(context.run, app.run_step, len, "abc").result()

        return threads

    with new_app() as app:
        app.enqueue(define(app), workflow_id="w").get_result(timeout=20)
        document = app.export_workflow("w")
    later = Perdure("postgresql://127.0.0.1:1/none")
    define(later)
    assert replay(later, document) == Replayed("w", 1, True)


def test_code_that_does_not_end_is_told(ended):
    app = Perdure("postgresql://127.0.0.1:1/none")

    @app.workflow(name="checkout")
    async def checkout(order):
        await asyncio.sleep(1)

    with pytest.raises(TimeoutError, match=r"did not end in 0\.1 s, before step 1 \('charge'\)"):
        replay(app, ended, timeout=0.1)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("[]", "no document"),
        ("{}", "no document"),
        ("nonsense", "no document"),
        ('{"format": "perdure.workflow", "version": 2, "workflows": []}', "version 2"),
        ('{"format": "perdure.workflow", "version": 1, "workflows": []}', "has no workflow"),
        (
            '{"format": "perdure.workflow", "version": 1, "workflows": [{"workflow_id": "w", "name": "no"}]}',
            "knows no workflow named 'no'",
        ),
        (None, "a document, or a client"),
    ],
)
def test_what_cannot_be_replayed_is_refused(document, says):
    with pytest.raises(InvalidArgument, match=says):
        replay(Perdure("postgresql://127.0.0.1:1/none"), document)

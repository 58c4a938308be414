"""Branches of a workflow's code: tasks that run side by side and take several steps each."""

import asyncio
import contextlib
import contextvars
import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from perdure import Perdure, UnexpectedStep, WrongContext
from perdure._run import current_run
from perdure.testing import Replayed, replay
from tests_py.integration.replay import Twice, interrupt
from tests_py.support import wait_until
from tests_py.support.patience import suspend_after


def steps(app, workflow_id: str) -> list[tuple[int, str]]:
    return [(step.step, step.name) for step in app.list_steps(workflow_id)]


@pytest.mark.parametrize("loop", ["of the engine", "of the program"])
def test_all_that_a_branch_does_is_replayed_as_its_own(app, sql, loop):
    """The branches go on by turns, and on the replay one after another. Tasks that their steps make, or
    the package for them, on another loop or on theirs, do not count as branches."""
    ran = []

    @app.step(name="step")
    async def step(*what):
        await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))
        ran.append(what)
        return [*what, len(ran)]

    @app.step(name="step")
    def step_in_thread(*what):
        ran.append(what)
        return [*what, len(ran)]

    @app.step(name="flaky", retries=1, interval=0.01)
    async def flaky(me):
        ran.append(me)
        if len([r for r in ran if r == me]) == 1:
            raise ValueError(me)
        return [me, len(ran)]

    @app.transaction(name="write")
    async def write(connection, me):
        ran.append(("write", me))
        return [me, len(ran)]

    @app.workflow(name="child")
    async def child(of):
        return await step("child", of)

    async def branch(me):
        found = [await step(me, 1)]
        await app.sleep_async(0.01)
        await app.set_event_async(f"event {me}", me)
        found.append(await app.get_event_async(mine, f"event {me}", 5))
        await app.write_stream_async(f"stream {me}", me)
        await app.send_async(mine, f"to {me}", f"topic {me}")
        found.append(await app.recv_async(f"topic {me}", 5))
        await app.set_attributes_async(mine, {"by": me})
        found.append(await flaky(me))
        found.append(await child(me))
        started = await app.start_workflow_async(child, f"started {me}")
        enqueued = await app.enqueue_async(child, f"enqueued {me}")
        many = await app.enqueue_many_async(child, [[f"first {me}"], [f"second {me}"]])
        for handle in (started, enqueued, *many):
            found += [handle.workflow_id, await handle.get_result_async()]
        await app.cancel_async(enqueued.workflow_id)
        found.append(await write(me))
        found.append(await app.patch_async("patch"))
        found.append(await asyncio.to_thread(step_in_thread, me, "in a thread"))
        found.append(await asyncio.gather(*(step(me, "gathered", n) for n in range(3))))
        found.append(await asyncio.wait_for(step(me, "awaited"), 5))
        found.append(await asyncio.gather(nested(me, 1), nested(me, 2)))
        return [*found, await step(me, "last")]

    async def nested(*where):
        await asyncio.gather(step(*where, 1), step(*where, 2))
        return [await step(*where, 3), await step(*where, 4)]

    seen = []
    mine = ""

    @app.workflow(name="branches")
    async def workflow():
        nonlocal mine
        mine = current_run.get().workflow_id
        seen.append([await step("first"), await asyncio.gather(*map(branch, "abc")), await step("last")])
        if len(seen) == 1:
            await interrupt()
        return len(seen)

    app.launch()
    if loop == "of the engine":
        app.enqueue(workflow)
    else:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(workflow())
    wait_until(lambda: len(seen) > 0)
    assert app.retrieve_workflow(mine).get_result(20) == 2
    assert seen[0] == seen[1]
    assert len(ran) == len({str(r) for r in ran}) + 3, "only the failed attempts of `flaky` run again"
    assert [step for step, _ in steps(app, mine)] == list(range(1, len(steps(app, mine)) + 1))
    # They were numbered by turns: else this shows nothing.
    places = [place.partition(":")[0] for (place,) in sql("select place from places order by step")]
    assert places != sorted(places)
    assert sql("select place from places group by key, place having count(*) > 1") == []
    assert sql("select place from places where place like ':%%'") == [(":2",)]


def by_turns(app):
    """The body of a workflow whose two branches take their steps by turns, in its first run."""
    turns = {}
    ran = []

    @app.step(name="step")
    async def step(branch, n):
        ran.append((branch, n))
        mine = turns.setdefault((branch, n), asyncio.Event())
        mine.set()
        other = ("b", n) if branch == "a" else ("a", n + 1)
        if other[1] <= 3:
            await turns.setdefault(other, asyncio.Event()).wait()
        return [branch, n]

    async def several(branch):
        return [await step(branch, n) for n in (1, 2, 3)]

    async def body():
        return await asyncio.gather(several("a"), several("b"))

    return body, ran


def test_what_ordinary_workflows_record_has_no_place(app, sql):
    @app.step()
    async def step(n):
        return n

    async def body():
        return [await step(n) for n in range(3)]

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[0, 1, 2]] * 2
    assert sql("select count(*) from places") == [(0,)]


@pytest.mark.parametrize("after", ["nothing", "a step"])
def test_a_workflow_that_was_begun_without_places_goes_on_by_number(app, sql, after):
    ran = []

    @app.step()
    async def step(n):
        ran.append(n)
        return n

    async def body():
        found = [await step(0), *await asyncio.gather(*map(step, (1, 2, 3)))]
        if after == "a step":
            found.append(await step(4))
        sql("delete from places")  # as if an earlier release had recorded it
        return [*found, *await asyncio.gather(step(5), step(6))]

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert first == second
    assert ran == first + [5, 6][: len(ran) - len(first)]
    assert len(steps(app, twice.workflow_id)) == len(first)


def test_code_that_has_changed_in_a_branch_is_told(app):
    seen = []

    async def two(*names):
        for name in names:
            await app.step(name=name)(asyncio.sleep)(0)

    @app.workflow(name="changed")
    async def workflow():
        seen.append(None)
        second = "two" if len(seen) == 1 else "too"
        await asyncio.gather(two("one", "other"), two("one", second))
        if len(seen) == 1:
            await interrupt()

    app.launch()
    with pytest.raises(
        UnexpectedStep, match=r"step \d is recorded as 'two'.* 'too' there \(step 2 of branch 2\)"
    ):
        app.enqueue(workflow).get_result(20)


def test_a_loop_with_a_task_factory_keeps_it_and_a_task_may_have_a_context_of_its_own(app):
    """A context that is given to a task says in which branch that is made."""
    made = []

    class Task(asyncio.Task):
        pass

    def factory(loop, coroutine, **options):
        made.append(coroutine)
        return Task(coroutine, loop=loop, **options)

    @app.step(name="step")
    async def step(n):
        return n

    async def branch(n):
        assert isinstance(asyncio.current_task(), Task) == (not seen)
        return [await step(n), await step(n + 1)]

    seen = []

    @app.workflow(name="factory")
    async def workflow():
        has_contexts = sys.version_info >= (3, 11)
        own = [{"context": contextvars.copy_context()} if has_contexts else {} for _ in range(2)]
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(branch(n * 10), **options) for n, options in enumerate([{}, *own, {}])]
        seen.append([await step(100), *await asyncio.gather(*tasks)])
        if len(seen) == 1:
            await interrupt()
        return seen[1]

    async def main():
        asyncio.get_running_loop().set_task_factory(factory)
        await workflow()

    app.launch()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert len(made) > 3

    (found,) = app.list_workflows()
    assert app.retrieve_workflow(found.workflow_id).get_result(20) == seen[0]


@pytest.mark.parametrize("keeps", [False, True], ids=["another", "around ours"])
def test_a_task_factory_may_be_set_while_a_workflow_runs(app, keeps):
    """What makes tasks for others is asked by it, or not any more; the branches are the same."""

    @app.step(name="step")
    async def step(n):
        ran.append(n)
        await asyncio.sleep(0)
        return n

    async def branch(n):
        return [await step(n), *await asyncio.gather(step(n + 1), step(n + 2)), await step(n + 3)]

    def set_factory():
        loop = asyncio.get_running_loop()
        before = loop.get_task_factory()

        def factory(loop, coroutine, **options):
            if keeps:
                return before(loop, coroutine, **options)
            return asyncio.Task(coroutine, loop=loop, **options)

        loop.set_task_factory(factory)

    seen, ran = [], []

    @app.workflow(name="factory")
    async def workflow():
        await step(0)
        if not seen:
            set_factory()
        await step(1)
        own = {"context": contextvars.copy_context()} if sys.version_info >= (3, 11) else {}
        task = asyncio.get_running_loop().create_task(branch(10), **own)
        seen.append([await task, *await asyncio.gather(branch(20), branch(30))])
        if len(seen) == 1:
            await interrupt()
        return seen[1]

    async def main():
        await workflow()

    app.launch()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    (found,) = app.list_workflows()
    assert app.retrieve_workflow(found.workflow_id).get_result(20) == seen[0]
    # What was recorded was found again.
    assert sorted(ran) == [0, 1, *range(10, 14), *range(20, 24), *range(30, 34)]


def test_a_step_that_was_given_up_leaves_its_place(app):
    """What comes after it in the branch is not taken for it."""
    waited = []

    @app.step()
    async def slow():
        waited.append(None)
        if len(waited) == 1:
            asyncio.current_task().cancel()
            await asyncio.sleep(1)
        return "slow"

    @app.step()
    async def quick(n):
        return n

    async def branch(n):
        found = []
        if n == 1:
            with contextlib.suppress(asyncio.CancelledError):
                found.append(await slow())
        return [*found, await quick(n), await quick(n + 10)]

    async def body():
        return await asyncio.gather(branch(1), branch(2))

    twice = Twice(app, body)
    app.launch()
    assert twice.run() == [[[1, 11], [2, 12]], [["slow", 1, 11], [2, 12]]]


def test_a_patch_in_a_branch_is_taken_by_what_has_not_come_past_it(app):
    """Of two branches one had come past it; that the other had gone further elsewhere is no reason."""
    seen = []
    gate = asyncio.Event()

    @app.step()
    async def step(n):
        return n

    async def branch(me):
        found = [await step(1)]
        if me == "early":
            # The first run ends here, when the other branch has taken all of its steps.
            await gate.wait()
            if len(seen) == 1:
                await asyncio.Event().wait()
        if len(seen) > 1:
            found.append(await app.patch_async("new"))
        found += [await step(2), await step(3)]
        gate.set()
        return found

    @app.workflow(name="patched")
    async def workflow():
        seen.append(None)
        both = [asyncio.create_task(branch(me)) for me in ("early", "late")]
        if len(seen) == 1:
            await gate.wait()
            await interrupt()
        return [*await asyncio.gather(*both), await step(4)]

    app.launch()
    handle = app.enqueue(workflow)
    assert handle.get_result(20) == [[1, True, 2, 3], [1, False, 2, 3], 4]


def test_a_fork_and_a_replay_of_the_records_know_the_branches(app):
    body, ran = by_turns(app)
    workflow = app.workflow(name="turns")(body)
    app.launch()
    expected = [[[branch, n] for n in (1, 2, 3)] for branch in "ab"]
    assert app.enqueue(workflow, workflow_id="w").get_result(20) == expected
    assert len(ran) == 6
    assert app.fork("w", from_step=4).get_result(20) == expected
    assert len(ran) == 9
    document = app.export_workflow("w", children=False)
    later = Perdure("postgresql://127.0.0.1:1/none")
    later.workflow(name="turns")(by_turns(later)[0])
    assert replay(later, document) == Replayed("w", 6, True)
    app.delete_workflows(["w"])
    app.import_workflow(document)
    assert app.fork("w", from_step=7).get_result(20) == expected
    assert len(ran) == 9


def test_threads_are_told_apart_by_the_contexts_they_get(app):
    turns = {(branch, n): threading.Event() for branch in "ab" for n in (1, 2, 3, 4)}
    ran = []

    @app.step(name="step")
    def step(branch, n):
        ran.append((branch, n))
        turns[branch, n].set()
        assert n == 3 or turns["b" if branch == "a" else "a", n + (branch == "b")].wait(10)
        return [branch, n]

    def several(branch):
        return [step(branch, n) for n in (1, 2, 3)]

    def body():
        with ThreadPoolExecutor(2) as pool:
            threads = [pool.submit(app.branch().run, several, branch) for branch in "ab"]
            return [*(thread.result() for thread in threads), app.run_step(len, "last")]

    twice = Twice(app, body)
    app.launch()
    expected = [[[branch, n] for n in (1, 2, 3)] for branch in "ab"]
    assert twice.run() == [[*expected, 4]] * 2
    assert len(ran) == 6
    assert [step for step, _ in steps(app, twice.workflow_id)] == [1, 2, 3, 4, 5, 6, 7]


def test_a_branch_belongs_into_a_workflow(app):
    with pytest.raises(WrongContext, match=r"`branch` belongs into the code of a workflow"):
        app.branch()


def test_a_branch_that_waits_alone_leaves_the_worker_and_goes_on_where_it_was(app, sql, monkeypatch):
    suspend_after(monkeypatch, 0.05)
    ran, runs = [], []
    ended = asyncio.Event()

    @app.step()
    async def step(*what):
        ran.append(what)
        return [*what]

    async def branch(me):
        found = [await step(me, 1), await step(me, 2)]
        if me == "b":
            found.append(await step(me, 3))
            ended.set()
            return found
        await ended.wait()
        await app.sleep_async(0.3)
        return [*found, await app.recv_async("go", 20), await step(me, 3)]

    @app.workflow(name="waits")
    async def workflow():
        runs.append(None)
        return await asyncio.gather(branch("a"), branch("b"))

    app.launch()
    handle = app.enqueue(workflow)
    wait_until(
        lambda: any(s.waits_for for s in app.list_steps(handle.workflow_id) if s.name == "perdure.recv")
    )
    wait_until(lambda: sql("select status::text from tasks") == [("PENDING",)] and not app._core.runs)
    assert sql("select count(*) from places") == [(7,)], "written before it is put down"
    app.send(handle.workflow_id, "went", "go")
    assert handle.get_result(20) == [[["a", 1], ["a", 2], "went", ["a", 3]], [["b", 1], ["b", 2], ["b", 3]]]
    assert sorted(ran) == [(me, n) for me in "ab" for n in (1, 2, 3)]
    assert len(runs) == 3


def test_what_as_completed_is_given_in_a_list_is_told_apart_by_its_order(app):
    """It makes its tasks in the order of a set: of addresses in memory, which another run has otherwise."""
    runs = []

    @app.step()
    async def step(*what):
        return [*what, len(runs)]

    async def branch(me):
        return [me, await step(me, 1), await step(me, 2), await asyncio.gather(step(me, 3))]

    async def body():
        runs.append(None)
        made = {me: branch(me) for me in (reversed(range(12)) if len(runs) > 1 else range(12))}
        first = asyncio.create_task(branch("first"))
        given = [made[me] for me in range(12)]
        done = asyncio.as_completed([first, *given])
        found = [await one for one in done] + [await one for one in asyncio.as_completed((branch("one"),))]
        return sorted(map(str, [*found, await branch("last")]))

    twice = Twice(app, body)
    app.launch()
    first, second = twice.run()
    assert isinstance(first, list), first
    assert first == second


def test_what_as_completed_is_given_without_an_order_takes_no_steps(app):
    @app.step()
    async def step():
        return 1

    async def nothing(_):
        await asyncio.sleep(0)

    async def nested():
        await asyncio.gather(step())

    @app.workflow()
    async def workflow():
        for one in asyncio.as_completed(map(nothing, range(3))):
            await one
        for code in (step, nested):
            for one in asyncio.as_completed({code()}):
                with pytest.raises(WrongContext, match="what has no order"):
                    await one
        return (await asyncio.gather(step()))[0]

    app.launch()
    assert app.enqueue(workflow).get_result(20) == 1


def test_an_async_generator_that_the_garbage_collector_closes_is_no_branch(app):
    runs, closed = [], []

    @app.step()
    async def step(me):
        return [me, len(runs)]

    async def generator():
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            closed.append(None)

    async def body():
        runs.append(None)
        circle = []
        circle.append(circle)
        circle.append(generator())
        async for _ in circle[1]:
            break
        del circle
        found = [await step("first")]
        if len(runs) == 1:
            gc.collect()
            while not closed:  # noqa: ASYNC110
                await asyncio.sleep(0)
        return found + await asyncio.gather(step("second"), step("third"))

    twice = Twice(app, body)
    app.launch()
    gc.disable()
    try:
        first, second = twice.run()
    finally:
        gc.enable()
    assert first == second


def test_a_loop_that_the_code_runs_by_itself_has_branches_from_its_first_step_on(app):
    ran = []

    @app.step()
    async def step(*what):
        ran.append(what)
        if len(ran) % 2:
            await asyncio.sleep(0.01)
        return [*what, len(ran)]

    async def branch(me):
        return [await step(me, 1), *await asyncio.gather(step(me, 2), step(me, 3)), await step(me, 4)]

    async def main():
        return [await step("first"), await asyncio.gather(branch(1), branch(2)), await step("last")]

    twice = Twice(app, lambda: [asyncio.run(main()), asyncio.run(main())])
    app.launch()
    first, second = twice.run()
    assert first == second


@pytest.mark.parametrize("inner", ["step", "task"])
def test_tasks_that_are_no_branches_do_not_take_steps_by_turns(app, inner):
    @app.step()
    async def step(*what):
        await asyncio.sleep(0)
        return list(what)

    async def branch(me):
        await step(me, 1)
        return await (step(me, 2) if inner == "step" else asyncio.create_task(step(me, 2)))

    async def two(code):
        return await asyncio.gather(code(1), code(2))

    @app.workflow()
    def workflow():
        # One step each begins in the order of the tasks.
        single = asyncio.run(two(step))
        with pytest.raises(WrongContext, match="by turns"):
            asyncio.run(two(branch))
        return single

    app.launch()
    assert app.enqueue(workflow).get_result(20) == [[1], [2]]

"""What marks a workflow, for those who search."""

import pytest

from perdure import InvalidArgument, WorkflowNotFound
from tests_py.integration.replay import Twice


def attributes(sql, workflow_id):
    return sql("select attributes from perdure.workflows where workflow_id = %s", workflow_id)[0][0]


@pytest.fixture
def nothing(app):
    @app.workflow(name="nothing")
    def nothing():
        pass

    app.launch()
    return nothing


def test_a_workflow_has_attributes(app, nothing, sql):
    given = {"customer": "c-17", "deep": {"list": [1, None]}}
    app.enqueue(nothing, attributes=given, workflow_id="a")
    app.start_workflow(nothing, attributes=given, workflow_id="b")
    app.debounce(nothing, "key", delay=0.1, attributes=given, workflow_id="c")
    assert [attributes(sql, w) for w in "abc"] == [given, given, given]


def test_many_have_their_own_or_the_same(app, nothing, sql):
    app.enqueue_many(nothing, [[], []], workflow_ids=["a", "b"], attributes=[{"n": 1}, None])
    app.enqueue_many(nothing, [[], []], workflow_ids=["c", "d"], attributes={"n": 2})
    assert [attributes(sql, w) for w in "abcd"] == [{"n": 1}, None, {"n": 2}, {"n": 2}]
    with pytest.raises(InvalidArgument, match="2 inputs, but 1 attributes"):
        app.enqueue_many(nothing, [[], []], attributes=[{"n": 1}])


def test_children_do_not_have_those_of_their_parent(app, sql):
    @app.workflow(name="child")
    def child():
        pass

    @app.workflow(name="parent")
    def parent():
        app.enqueue(child)
        app.enqueue(child, attributes={"own": True})
        app.start_workflow(child, attributes={"own": 2})

    app.launch()
    app.start_workflow(parent, workflow_id="p", attributes={"of": "parent"}).get_result(20)
    assert [attributes(sql, w) for w in ("p-1", "p-2", "p-3")] == [None, {"own": True}, {"own": 2}]


def test_they_are_replaced_and_removed(app, nothing, sql):
    app.enqueue(nothing, workflow_id="a", attributes={"n": 1}).get_result(20)
    app.set_attributes("a", {"m": 2})
    assert attributes(sql, "a") == {"m": 2}
    app.set_attributes("a", None)
    assert attributes(sql, "a") is None
    with pytest.raises(WorkflowNotFound):
        app.set_attributes("b", {})


def test_in_a_workflow_that_is_a_step(app, sql):
    def body():
        app.set_attributes("other", {"by": len(twice.seen)})

    twice = Twice(app, body)

    @app.workflow(name="other")
    def other():
        pass

    app.launch()
    other_handle = app.enqueue(other, workflow_id="other")
    other_handle.get_result(20)
    twice.run()

    assert attributes(sql, "other") == {"by": 0}
    assert [s.name for s in app.list_steps(twice.workflow_id)] == ["perdure.set_attributes"]


@pytest.mark.parametrize(
    "wrong", ["x", 7, {"a": object()}, {"a": "\0"}, {"a": float("nan")}, {"a": "\ud800"}]
)
def test_what_is_no_object_is_refused(app, nothing, wrong):
    app.enqueue(nothing, workflow_id="a")
    with pytest.raises(InvalidArgument, match="attributes"):
        app.enqueue(nothing, attributes=wrong)
    with pytest.raises(InvalidArgument, match="attributes"):
        app.start_workflow(nothing, attributes=wrong)
    with pytest.raises(InvalidArgument, match="attributes"):
        app.set_attributes("a", wrong)


def test_a_backslash_before_u0000_is_no_nul(app, nothing, sql):
    app.enqueue(nothing, workflow_id="a", attributes={"a": "\\u0000"})
    assert attributes(sql, "a") == {"a": "\\u0000"}

"""On whose behalf workflows run: who starts them says so, the database keeps it, children have it too."""

import pytest

from perdure import InvalidArgument, NotAuthorized
from tests_py.integration.replay import Twice


def stored(sql, workflow_id):
    (row,) = sql(
        "select authenticated_user, authenticated_roles, assumed_role from perdure.workflows"
        " where workflow_id = %s",
        workflow_id,
    )
    return row


def told(app):
    return app.authenticated_user, app.authenticated_roles, app.assumed_role


ANN = ("ann", ("customer", "admin"), "admin")
ANN_STORED = ("ann", ["customer", "admin"], "admin")
AS_ANN = {
    "authenticated_user": "ann",
    "authenticated_roles": ["customer", "admin"],
    "assumed_role": "admin",
}


@pytest.mark.parametrize("how", ["enqueue", "enqueue_many", "start_workflow", "debounce"])
def test_a_workflow_knows_on_whose_behalf_it_runs(app, how):
    @app.workflow(name="who")
    def who():
        return told(app)

    app.launch()
    if how == "enqueue_many":
        (handle,) = app.enqueue_many(who, [[]], **AS_ANN)
    elif how == "debounce":
        handle = app.debounce(who, "key", delay=0.01, **AS_ANN)
    else:
        handle = getattr(app, how)(who, **AS_ANN)

    assert handle.get_result(20) == ANN
    assert app.enqueue(who).get_result(20) == (None, None, None)


def test_an_async_workflow_knows_it_too(app, sql):
    @app.workflow(name="who")
    async def who():
        return told(app)

    app.launch()
    with app.authenticated("ann", ["customer", "admin"], "admin"):
        assert app.start_workflow(who, workflow_id="w").get_result(20) == ANN
    assert stored(sql, "w") == ANN_STORED


def test_what_is_called_in_the_block_runs_on_behalf_of_that_user(app):
    @app.workflow(name="who")
    def who():
        return told(app)

    app.launch()
    with app.authenticated("ann", ["customer"]):
        assert told(app) == ("ann", ("customer",), None)
        assert who() == ("ann", ("customer",), None)
        assert app.enqueue(who, authenticated_user="bob").get_result(20) == ("bob", None, None)
        with app.authenticated(None):
            assert who() == (None, None, None)
    assert told(app) == (None, None, None)
    assert who() == (None, None, None)


def test_children_run_on_behalf_of_the_same_user_also_after_a_recovery(app, sql):
    @app.workflow(name="child")
    def child():
        return app.authenticated_user

    def parent():
        with app.authenticated("bob"):
            as_bob = app.start_workflow(child).get_result(20)
        return child(), app.enqueue(child).get_result(20), as_bob, app.authenticated_user

    twice = Twice(app, parent)
    app.launch()
    with app.authenticated("ann"):
        first, second = twice.run()

    assert first == second == ("ann", "ann", "bob", "ann")
    assert sorted(sql("select authenticated_user from perdure.workflows where name = 'child'")) == [
        ("ann",), ("ann",), ("bob",)
    ]  # fmt: skip


def test_a_role_is_required(app, sql):
    @app.workflow(name="refund", required_roles=["admin", "clerk"])
    def refund():
        return app.assumed_role

    app.launch()
    for start in (refund, lambda: app.enqueue(refund), lambda: app.start_workflow(refund)):
        with pytest.raises(NotAuthorized, match=r"workflow 'refund' requires one of the roles .*: nobody is"):
            start()
    with pytest.raises(NotAuthorized, match=r"a user without name has \['guest'\]"):
        app.enqueue(refund, authenticated_roles=["guest"])
    with app.authenticated("ann", ["customer"]), pytest.raises(NotAuthorized, match="'ann' has"):
        refund()
    assert sql("select count(*) from perdure.workflows") == [(0,)]

    with app.authenticated("ann", ["customer", "clerk"]):
        assert refund() == "clerk"
    handle = app.enqueue(refund, authenticated_roles=["clerk", "admin"], workflow_id="both")
    assert handle.get_result(20) == "admin"
    assert stored(sql, "both") == (None, ["clerk", "admin"], "admin")


def test_the_worker_checks_again(app, client):
    ran = []

    @app.required_roles(["admin"])
    @app.workflow(name="refund")
    def refund():
        ran.append(app.assumed_role)

    app.launch()
    # By its name: the client knows nothing of roles.
    refused = client.enqueue("refund", authenticated_user="ann", authenticated_roles=["customer"])
    with pytest.raises(NotAuthorized, match="'ann' has \\['customer'\\]"):
        refused.get_result(20)
    assert refused.get_status().status == "ERROR"
    client.enqueue("refund", authenticated_roles=["admin"]).get_result(20)
    assert ran == ["admin"]


def test_a_child_gets_the_role_that_its_parent_has_assumed(app, client):
    @app.workflow(name="child")
    def child():
        return app.assumed_role

    @app.workflow(name="parent")
    @app.required_roles(["admin"])
    def parent():
        return child()

    app.launch()
    assert client.enqueue("parent", authenticated_roles=["admin"]).get_result(20) == "admin"


def test_a_step_may_require_a_role(app):
    @app.step(name="open")
    @app.required_roles(["admin"])
    def open_safe():
        return "open"

    @app.workflow(name="safe")
    def safe():
        return open_safe()

    app.launch()
    with pytest.raises(NotAuthorized, match="step 'open' requires"):
        safe()
    with app.authenticated("ann", ["admin"]):
        assert safe() == open_safe() == "open"


@pytest.mark.parametrize(
    "wrong",
    [
        {"authenticated_user": 7},
        {"authenticated_roles": "admin"},
        {"authenticated_roles": [7]},
        {"assumed_role": 1},
    ],
)
def test_what_is_no_name_is_refused(app, wrong):
    @app.workflow(name="w")
    def w():
        pass

    app.launch()
    for start in (app.enqueue, app.start_workflow):
        with pytest.raises(InvalidArgument, match=next(iter(wrong))):
            start(w, **wrong)

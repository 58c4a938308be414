"""Lists and trees of workflows, from Python."""

import datetime as dt

import psycopg
import pytest

from perdure import Client, InvalidArgument, Perdure, UnreadableValue, WorkflowNotFound

UTC = dt.timezone.utc


@pytest.fixture
def client(database):
    with Client(database, poll_interval=0.25, connect_timeout=5.0) as client:
        client.queue("orders")
        yield client


def ids(found):
    return [each.workflow_id for each in found]


def test_lists_have_what_their_filters_let_pass(client):
    for number in range(3):
        client.enqueue("pay", number, workflow_id=f"pay-{number}", queue="orders")
    client.enqueue("ship", {"to": dt.date(2030, 1, 1)}, workflow_id="ship", queue="default")

    assert ids(client.list_workflows()) == ["ship", "pay-2", "pay-1", "pay-0"]
    assert ids(client.list_workflows(newest_first=False, limit=2)) == ["pay-0", "pay-1"]
    assert ids(client.list_workflows(name="pay", queue=client.queue("orders"), limit=1)) == ["pay-2"]
    assert ids(client.list_workflows(name=["ship", "none"])) == ["ship"]
    assert ids(client.list_workflows(workflow_ids=["pay-1", "ship"], status="ENQUEUED")) == ["ship", "pay-1"]
    assert ids(client.list_workflows(id_prefix="pay-", created_from=dt.datetime(2020, 1, 1, tzinfo=UTC))) == [
        "pay-2",
        "pay-1",
        "pay-0",
    ]
    assert client.list_workflows(status=[]) == client.list_workflows(attributes={"tier": 1}) == []
    assert ids(client.list_queued_workflows(name="pay", limit=1)) == ["pay-2"]
    assert client.list_queued_workflows(status="DELAYED") == []

    (whole,) = client.list_workflows(name="ship")
    (bare,) = client.list_workflows(name="ship", with_input=False)
    assert whole == client.get_workflow("ship")
    assert whole.input == [{"to": dt.date(2030, 1, 1)}]
    assert bare.input is None


def test_a_list_of_all_and_an_iterator_go_through_the_pages(client):
    client.enqueue_many("pay", [[n] for n in range(25)], queue="orders")
    everything = ids(client.list_workflows(limit=None))
    assert len(set(everything)) == 25
    assert (
        ids(client.list_workflows(limit=10, after=client.list_workflows(limit=10)[-1].cursor))
        == everything[10:20]
    )
    assert ids(client.iter_workflows(page=7)) == everything
    assert ids(client.iter_workflows(page=5, newest_first=False)) == everything[::-1]
    assert list(client.iter_workflows(name="none")) == []


def test_an_iterator_repeats_nothing_that_ends_or_comes_meanwhile(client):
    client.enqueue_many("pay", [[n] for n in range(20)], queue="orders")
    seen = []
    for each in client.iter_workflows(page=3):
        seen.append(each.workflow_id)
        client.enqueue("pay", queue="orders")
    assert len(seen) == len(set(seen)) == 20


async def test_async_lists_too(database):
    async with Client(database, connect_timeout=5.0) as client:
        await client.queue_async("orders")
        await client.enqueue_many_async("pay", [[n] for n in range(5)], queue="orders")
        listed = ids(await client.list_workflows_async(name="pay", limit=None))
        assert [each.workflow_id async for each in client.iter_workflows_async(page=2)] == listed
        assert ids(await client.list_queued_workflows_async()) == listed
        with pytest.raises(WorkflowNotFound):
            await client.workflow_tree_async("none")


def test_what_has_run_is_listed_with_its_result(database, client):
    app = Perdure(database, name="host", poll_interval=0.25, connect_timeout=5.0)

    @app.workflow()
    def leaf(number):
        if number == 2:
            raise ValueError("no")
        return number

    @app.workflow()
    def root():
        handles = [app.start_workflow(leaf, number) for number in range(3)]
        for handle in handles[:2]:
            handle.get_result()

    began = dt.datetime.now(UTC) - dt.timedelta(minutes=1)
    with app:
        handle = app.start_workflow(root)
        handle.get_result(30)
        children = [node for node in client.workflow_tree(handle.workflow_id) if node.depth == 1]
        with pytest.raises(ValueError, match="no"):
            client.retrieve_workflow(children[2].workflow_id).get_result(30)

    (failed,) = client.list_workflows(status="ERROR", name=leaf, completed_from=began)
    assert failed.workflow_id == children[2].workflow_id
    assert (repr(failed.error), failed.parent_id) == ("ValueError('no')", handle.workflow_id)
    assert sorted(
        each.output for each in client.list_workflows(parent=handle.workflow_id, status="SUCCESS")
    ) == [0, 1]
    tree = client.workflow_tree(handle.workflow_id)
    assert [(node.depth, node.workflow, node.status) for node in tree] == [
        (0, root.workflow_name, "SUCCESS"),
        (1, leaf.workflow_name, "SUCCESS"),
        (1, leaf.workflow_name, "SUCCESS"),
        (1, leaf.workflow_name, "ERROR"),
    ]
    assert [node.more for node in client.workflow_tree(handle.workflow_id, max_depth=0)] == [True]
    assert [node.more for node in client.workflow_tree(handle.workflow_id, limit=2)] == [True, False]
    steps = client.list_steps(handle.workflow_id)
    assert [step.child_id for step in steps][:3] == [node.workflow_id for node in children]
    assert client.list_steps(handle.workflow_id, after=1, limit=2) == steps[1:3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"status": "RUNNING"}, "unknown status 'RUNNING'"),
        ({"limit": 0}, "limit is at least 1, not 0"),
        ({"limit": -1}, "limit is at least 1, not -1"),
        ({"limit": True}, "limit is a whole number, not True"),
        ({"colour": "red"}, "unknown filter 'colour'"),
        ({"name": 7}, "7 is no workflow"),
        ({"user": 7}, "user is a string, not 7"),
        ({"queued": "yes"}, "queued is True, False or None, not 'yes'"),
        ({"created_from": dt.datetime(2030, 1, 1)}, "created_from is a datetime with a time zone"),
        ({"attributes": [1]}, "attributes are a mapping"),
        ({"attributes": {"a": object()}}, "attributes are JSON values"),
        ({"after": "no"}, "no cursor of this list: no"),
        ({"after": 7}, "after is a string, not 7"),
    ],
)
def test_what_cannot_be_meant_is_an_error(client, options, message):
    with pytest.raises(InvalidArgument, match=message):
        client.list_workflows(**options)


def test_so_it_is_for_trees_and_steps(client):
    client.enqueue("pay", workflow_id="w", queue="orders")
    for call in (
        lambda: client.workflow_tree("w", max_depth=-1),
        lambda: client.workflow_tree("w", limit=0),
        lambda: client.workflow_tree("w", limit=10_001),
        lambda: client.list_steps("w", limit=0),
        lambda: list(client.iter_workflows(page=0)),
        lambda: list(client.iter_workflows(page=10_001)),
    ):
        with pytest.raises(InvalidArgument):
            call()
    with pytest.raises(WorkflowNotFound):
        client.workflow_tree("none")


def test_a_value_that_cannot_be_read_here_says_whose_it_is(client, database):
    client.enqueue("pay", workflow_id="fine")
    with psycopg.connect(database, autocommit=True) as connection:
        value = '[{"$type": "Ball", "value": 7}]'
        connection.execute("select perdure.enqueue('pay', %s, workflow_id => 'other')", [value])
    with pytest.raises(UnreadableValue, match=r"^workflow 'other': "):
        client.list_workflows()
    assert ids(client.list_workflows(with_input=False)) == ["other", "fine"]

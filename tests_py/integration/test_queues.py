"""Queues from Python: their settings, enqueueing many, and what is refused with a word."""

import asyncio
from datetime import timedelta

import pytest

from perdure import (
    Client,
    DeduplicationConflict,
    InvalidArgument,
    Perdure,
    QueueInUse,
    QueueNotFound,
)

# ------------------------------------------------------------------------------------------- settings


def settings(client, name):
    [found] = [queue for queue in client.list_queues() if queue.name == name]
    return found


def test_a_queue_without_settings_keeps_what_an_operator_has_set(client):
    client.queue("emails")
    client.update_queue("emails", concurrency=3, paused=True)
    client.queue("emails")
    found = settings(client, "emails")
    assert (found.concurrency, found.paused) == (3, True)


def test_a_queue_with_settings_has_exactly_these(client):
    client.queue("emails", concurrency=3, rate_limit=5, rate_period=60)
    client.queue("emails", concurrency=4)
    found = settings(client, "emails")
    assert (found.concurrency, found.rate_limit) == (4, None)
    client.queue("emails", concurrency=5, on_conflict="keep")
    assert settings(client, "emails").concurrency == 4
    client.queue("emails", on_conflict="update")
    assert settings(client, "emails").concurrency is None


def test_a_queue_is_paused_resumed_and_deleted(client):
    emails = client.queue("emails")
    client.pause_queue("emails")
    assert settings(client, "emails").paused
    client.resume_queue(emails)
    assert not settings(client, "emails").paused
    emails.enqueue("send", workflow_id="last")
    with pytest.raises(QueueInUse):
        emails.delete()
    client.queue("empty").delete()
    with pytest.raises(QueueNotFound):
        client.queue_stats("empty")


async def test_a_queue_is_paused_resumed_and_deleted_by_async_code(database):
    async with Client(database) as client:
        emails = await client.queue_async("emails")
        await client.pause_queue_async(emails)
        assert [q.paused for q in await client.list_queues_async() if q.name == "emails"] == [True]
        await client.resume_queue_async("emails")
        assert [q.paused for q in await client.list_queues_async() if q.name == "emails"] == [False]
        await emails.delete_async()
        with pytest.raises(QueueNotFound):
            await emails.stats_async()


@pytest.mark.parametrize(
    "wrong",
    [
        {"concurrency": "3"},
        {"concurrency": 2.5},
        {"concurrency": True},
        {"rate_limit": 2**31, "rate_period": 1},
        {"rate_limit": 1, "rate_period": "1 minute"},
        {"partitioned": "yes"},
        {"priority_ageing": True},
    ],
    ids=str,
)
def test_a_setting_of_another_type_is_refused_by_its_name(client, wrong):
    [name] = [key for key, value in wrong.items() if value != 1 or value is True][:1]
    with pytest.raises(InvalidArgument, match=f"^{name} "):
        client.queue("emails", **wrong)


@pytest.mark.parametrize("wrong", [{"paused": "yes"}, {"concurrency": "3"}, {"rate_period": True}], ids=str)
def test_a_change_of_another_type_is_refused_by_its_name(client, wrong):
    emails = client.queue("emails")
    [name] = wrong
    with pytest.raises(InvalidArgument, match=f"{name} cannot be"):
        emails.update(**wrong)
    for unreadable in (float("nan"), object()):
        with pytest.raises(InvalidArgument, match="cannot be read"):
            emails.update(concurrency=unreadable)


def test_the_name_of_a_queue_is_a_string(client):
    emails = client.queue("emails")
    for call in (client.queue, client.register_queue, client.pause_queue, client.delete_queue):
        with pytest.raises(InvalidArgument, match="queue"):
            call(5)
    with pytest.raises(InvalidArgument, match="queue is a string, not 5"):
        client.enqueue("send", queue=5)
    assert client.enqueue("send", queue=emails).get_status().queue == "emails"
    assert emails.stats().waiting == 1


def test_the_id_of_a_workflow_is_a_string(client):
    calls = (client.get_workflow, client.list_steps, client.explain_wait, client.retrieve_workflow)
    for call in (*calls, lambda workflow_id: client.set_delay(workflow_id, 1)):
        with pytest.raises(InvalidArgument, match="a workflow id is a string, not 5"):
            call(5)


# --------------------------------------------------------------------------------------------- worker


def test_one_queue_to_serve_may_be_named_alone(new_app, client):
    app = new_app(queues="emails")

    @app.workflow()
    def send(to):
        return to

    app.launch()
    with app:
        served = client.queue("emails").enqueue(send.workflow_name, "ada")
        other = client.queue("e").enqueue(send.workflow_name, "bob")
        assert served.get_result(20) == "ada"
        assert other.get_status().status == "ENQUEUED"


def test_the_queues_to_serve_are_names(database, client):
    assert Perdure(database, queues=[client.queue("a"), "b"])._queues == ["a", "b"]
    for wrong in (5, [5], [None]):
        with pytest.raises(InvalidArgument, match="queues"):
            Perdure(database, queues=wrong)


def test_only_an_app_has_an_embedded_database():
    with pytest.raises(InvalidArgument, match='Perdure\\("embedded"\\)'):
        Client("embedded")


# ----------------------------------------------------------------------------------------------- many


def inputs(handles):
    return [handle.get_status().input for handle in handles]


def test_many_have_positional_or_named_arguments(client):
    def given():
        yield [1]
        yield (2, 3)
        yield {"to": 4}

    found = client.enqueue_many("send", given(), workflow_ids=(f"m{i}" for i in range(3)))
    assert inputs(found) == [[1], [2, 3], {"to": 4}]
    assert [handle.workflow_id for handle in found] == ["m0", "m1", "m2"]


def test_named_arguments_reach_the_function(app):
    @app.workflow()
    def send(to, subject="none"):
        return f"{to}: {subject}"

    with app:
        handles = app.enqueue_many(send, [{"to": "ada", "subject": "hello"}, ["bob"]])
        assert [handle.get_result(20) for handle in handles] == ["ada: hello", "bob: none"]


@pytest.mark.parametrize("wrong", ["ada", b"ada", 7, None, {1, 2}], ids=str)
def test_an_input_of_another_kind_is_refused_with_its_place(client, wrong):
    with pytest.raises(InvalidArgument, match=r"^input 2 is "):
        client.enqueue_many("send", [["ada"], wrong])
    assert client.queue_stats("default")[0].waiting == 0


@pytest.mark.parametrize("wrong", ["ada", {"to": 1}, 7, None], ids=str)
def test_the_inputs_are_a_list(client, wrong):
    with pytest.raises(InvalidArgument, match=r"^inputs is a list"):
        client.enqueue_many("send", wrong)


@pytest.mark.parametrize("name", ["workflow_id", "deduplication_id"])
def test_one_id_for_many_is_refused(client, name):
    for many in (1, 2):
        with pytest.raises(InvalidArgument, match=f"give {name}s"):
            client.enqueue_many("send", [[i] for i in range(many)], **{name: "M2"})
    with pytest.raises(InvalidArgument, match=f"{name}s has an element for each"):
        client.enqueue_many("send", [[1], [2]], **{f"{name}s": "M2"})
    assert client.queue_stats("default")[0].waiting == 0


def test_one_id_twice_is_refused(client):
    with pytest.raises(InvalidArgument, match="'M2' is given to several workflows"):
        client.enqueue_many("send", [[1], [2]], workflow_ids=["M2", "M2"])
    with pytest.raises(DeduplicationConflict, match="'d' is given to two workflows of this call"):
        client.enqueue_many("send", [[1], [2]], deduplication_ids=["d", "d"])
    first, again = client.enqueue_many("send", [[1], [1]], workflow_ids=["M2", "M2"])
    assert first.workflow_id == again.workflow_id


def test_one_id_twice_is_refused_in_a_workflow(app):
    @app.workflow()
    def parent():
        try:
            app.enqueue_many("child", [[1], [2]], workflow_ids=["M2", "M2"])
        except InvalidArgument as error:
            return str(error)

    with app:
        assert "'M2' is given to several workflows" in parent()


def test_an_unknown_option_of_many_is_told_with_those_there_are(client):
    with pytest.raises(InvalidArgument, match=r"'priorites'.* deduplication_ids.* priorities.* workflow_ids"):
        client.enqueue_many("send", [[1]], priorites=[1])


# -------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize(
    "wrong",
    [
        {"retries": "3"},
        {"retries": 2**31},
        {"priority": True},
        {"partition_key": 7},
        {"deduplication_id": 7},
        {"delay": "soon"},
        {"expires_in": True},
        {"retry_interval": "1 second"},
        {"retry_backoff": "2"},
        {"create_queue": "no"},
        {"timeout": "1 hour"},
        {"queue": None},
    ],
    ids=str,
)
def test_an_option_of_another_type_is_refused_by_its_name(client, wrong):
    [name] = wrong
    with pytest.raises(InvalidArgument, match=f"^{name} is "):
        client.enqueue("send", **wrong)
    with pytest.raises(InvalidArgument, match=f"^{name} is |deduplication_ids"):
        client.enqueue_many("send", [[1]], **wrong)


def test_none_is_as_good_as_left_out(client):
    handle = client.enqueue("send", retries=None, retry_backoff=None, delay=None, on_duplicate=None)
    assert handle.get_status().status == "ENQUEUED"


def test_what_to_do_about_a_duplicate_needs_an_id(client):
    with pytest.raises(InvalidArgument, match="deduplication_id"):
        client.enqueue("send", workflow_id="a", on_duplicate="return_existing")
    with pytest.raises(InvalidArgument, match="deduplication_id"):
        client.enqueue_many("send", [[1]], on_duplicate="return_existing")
    client.enqueue("send", deduplication_id=None, on_duplicate="return_existing")


def test_the_existing_workflow_has_the_name_that_is_asked_for(client):
    client.enqueue("pay", deduplication_id="order 1")
    with pytest.raises(DeduplicationConflict, match="which is a 'pay'"):
        client.enqueue("ship", deduplication_id="order 1", on_duplicate="return_existing")


def test_an_option_that_a_debounce_does_not_have_is_refused(client):
    for wrong in ({"retries": 3}, {"expires_in": 5}, {"deduplication_id": "d"}):
        with pytest.raises(InvalidArgument, match=f"'{next(iter(wrong))}' is no option of debounce"):
            client.debounce("send", "key", delay=1, **wrong)
    with pytest.raises(InvalidArgument, match="the debounce key is a string"):
        client.debounce("send", 7, delay=1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delay": -5}, "a delay of -5 seconds is out of range"),
        ({"expires_in": timedelta(minutes=-1)}, "an expiry after -60 seconds is out of range"),
        ({"retries": 1, "retry_interval": -1}, "retry_interval cannot be -1 second. Give 0 or more"),
    ],
    ids=str,
)
def test_a_span_out_of_range_is_told_in_seconds(client, options, said):
    with pytest.raises(InvalidArgument, match=said):
        client.enqueue("send", **options)


async def test_many_are_enqueued_by_async_code(database):
    async with Client(database) as client:
        found = await client.enqueue_many_async("send", ({"to": i} for i in range(2)))
        states = await asyncio.gather(*(handle.get_status_async() for handle in found))
        assert [state.input for state in states] == [{"to": 0}, {"to": 1}]

"""The Python examples of what describes DBOS run with only the import changed.

What they leave out (`...`) has a body here, what the pages have lost (a colon, the indentation) is back,
and a span of time that has passed reaches until now.
"""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

# Why DBOS? The checkout of an order.
CHECKOUT = """
    from dbos import DBOS, DBOSConfig

    @DBOS.step()
    def validate_payment():
        print("validate_payment")

    @DBOS.step()
    def check_inventory():
        print("check_inventory")

    @DBOS.step()
    def ship_order():
        print("ship_order")
        if not shipping_is_up:
            raise RuntimeError("the shipping service is down")

    @DBOS.step()
    def notify_customer():
        print("notify_customer")

    @DBOS.workflow()
    def checkout_workflow():
        validate_payment()
        check_inventory()
        ship_order()
        notify_customer()

    import sys
    shipping_is_up = False
    config: DBOSConfig = {"name": "dbos-starter", "system_database_url": sys.argv[1]}
    DBOS(config=config)
    DBOS.launch()
    try:
        checkout_workflow()
    except RuntimeError as e:
        print(e)
    shipping_is_up = True
    [failed] = DBOS.list_workflows(status="ERROR")
    DBOS.fork_workflow(failed.workflow_id, 3).get_result()
    DBOS.destroy()
"""

# The README: durable workflows, queues, management by a client, events that are handled once.
README = """
    from dbos import DBOS

    @DBOS.step()
    def step_one():
        ...

    @DBOS.step()
    def step_two():
        ...

    @DBOS.workflow()
    def workflow():
        step_one()
        step_two()

    from dbos import DBOS, Queue

    queue = Queue("example_queue")

    @DBOS.step()
    def process_task(task):
        return task * 2

    @DBOS.workflow()
    def process_tasks(tasks):
        task_handles = []
        # Enqueue each task so all tasks are processed concurrently.
        for task in tasks:
            handle = queue.enqueue(process_task, task)
            task_handles.append(handle)
        # Wait for each task to complete and retrieve its result.
        # Return the results of all tasks.
        return [handle.get_result() for handle in task_handles]

    import sys
    from types import SimpleNamespace as Request
    from dbos import DBOSClient, SetWorkflowID

    database_url = sys.argv[1]

    class ServiceOutage(Exception):
        pass

    outage = True

    @DBOS.step()
    def calls_a_service():
        if outage:
            raise ServiceOutage("down")
        return "up"

    @DBOS.workflow()
    def depends_on_a_service():
        step_one()
        step_two()
        return calls_a_service()

    @DBOS.workflow()
    def message_workflow(event):
        return f"handled {event}"

    def handle_message(request: Request) -> None:
        event_id = request.body["event_id"]
        # Use the event ID as an idempotency key to start the workflow exactly-once
        with SetWorkflowID(event_id):
            # Start the workflow in the background, then acknowledge the event
            DBOS.start_workflow(message_workflow, request.body["event"])

    DBOS(config={"name": "dbos-starter", "system_database_url": database_url})
    DBOS.launch()
    workflow()
    print(process_tasks([1, 2, 3]))
    try:
        depends_on_a_service()
    except ServiceOutage:
        outage = False

    # Create a DBOS client connected to your Postgres database.
    client = DBOSClient(database_url)
    # Find all workflows that errored between 3:00 and 5:00 AM UTC on 2025-04-22.
    workflows = client.list_workflows(status="ERROR",
        start_time="2025-04-22T03:00:00Z", end_time="2125-04-22T05:00:00Z")
    for workflow in workflows:
        # Check which workflows failed due to an outage in a service called from Step 2.
        steps = client.list_workflow_steps(workflow)
        if len(steps) >= 3 and isinstance(steps[2]["error"], ServiceOutage):
            # To recover from the outage, restart those workflows from Step 2.
            print(DBOS.fork_workflow(workflow.workflow_id, 2).get_result())
    client.destroy()

    for _ in range(2):
        handle_message(Request(body={"event_id": "event-1", "event": "a"}))
    print(DBOS.retrieve_workflow("event-1").get_result())
    print(len(DBOS.list_workflows(name="message_workflow")))
    DBOS.destroy()
"""

# What the other pages show in Go, in Python: messages, a long sleep, a schedule, a queue of ten.
OTHERS = """
    import sys
    from dbos import DBOS, Queue, SetWorkflowID

    queue = Queue("queue")

    @DBOS.workflow()
    def task(i):
        DBOS.sleep(0.01)
        return i

    @DBOS.workflow()
    def send_workflow(message):
        DBOS.send("receiverID", message, "topic")
        return "sent"

    @DBOS.workflow()
    def receive_workflow(topic):
        return DBOS.recv(topic, timeout_seconds=48 * 60 * 60)

    ticks = []

    @DBOS.workflow()
    def every_second(scheduled_time, context):
        ticks.append(scheduled_time.microsecond)

    DBOS(config={"name": "myapp", "system_database_url": sys.argv[1]})
    DBOS.launch()
    handles = [DBOS.enqueue_workflow(queue.name, task, i) for i in range(10)]
    print([handle.get_result() for handle in handles])
    with SetWorkflowID("receiverID"):
        receiver = DBOS.start_workflow(receive_workflow, "topic")
    print(send_workflow("hola!"), receiver.get_result())
    DBOS.create_schedule(schedule_name="second", workflow_fn=every_second, schedule="* * * * * *")
    import time
    until = time.monotonic() + 30
    while not ticks and time.monotonic() < until:
        time.sleep(0.05)
    print(set(ticks))
    DBOS.destroy()
"""


@pytest.mark.parametrize(
    ("program", "prints"),
    [
        (
            CHECKOUT,
            [
                "validate_payment", "check_inventory", "ship_order", "the shipping service is down",
                "ship_order", "notify_customer",
            ],
        ),
        (README, ["[2, 4, 6]", "up", "handled a", "1"]),
        (OTHERS, ["[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "sent hola!", "{0}"]),
    ],
    ids=["the checkout", "the introduction", "queues, messages, schedules"],
)  # fmt: skip
def test_an_example_runs_with_only_its_import_changed(
    program: str, prints: list[str], empty_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "main.py"
    file.write_text(textwrap.dedent(program).replace("from dbos import", "from perdure.dbos import"))
    done = subprocess.run(
        [sys.executable, str(file), empty_database], capture_output=True, text=True, timeout=90, check=False
    )
    assert done.stdout.splitlines() == prints, done.stderr

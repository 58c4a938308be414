"""`perdure schedule ...`."""


def test_a_schedule_from_its_making_to_its_end(run, read, client):
    run("schedule", "create", "nightly", "clean_up", "30 2 * * *", "--zone", "Europe/Berlin",
        "--context", '{"deep": true}')  # fmt: skip
    (found,) = read("schedule", "list")
    assert (found["name"], found["workflow"], found["cron"]) == ("nightly", "clean_up", "30 2 * * *")
    assert read("schedule", "show", "nightly")["context"] == {"deep": True}
    assert "Europe/Berlin" in run("schedule", "show", "nightly").output

    run("schedule", "pause", "nightly")
    assert read("schedule", "show", "nightly")["paused"] is True
    run("schedule", "resume", "nightly")
    started = run("schedule", "trigger", "nightly").stdout.strip()
    assert client.get_workflow(started).workflow == "clean_up"
    ticks = run("schedule", "backfill", "nightly", "2026-01-01T00:00:00+0000", "2026-01-03T00:00:00+0000")
    assert len(ticks.stdout.split()) == 2
    assert "2 started" in ticks.stderr

    assert "SCHEDULE SINCE UNTIL" in run("schedule", "backfill", "nightly", "now", "then", code=2).output

    run("schedule", "delete", "nightly")
    assert read("schedule", "list") == []
    run("schedule", "show", "nightly", code=3)


def test_a_line_that_cannot_be_read_is_refused(run, read):
    assert "61" in str(run("schedule", "create", "bad", "w", "61 * * * *", code=1).exception)
    assert "no JSON" in run("schedule", "create", "bad", "w", "* * * * *", "--context", "{", code=2).output
    assert read("schedule", "list") == []

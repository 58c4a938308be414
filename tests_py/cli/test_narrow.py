"""Tables in a terminal, wide and narrow, and in a pipe."""

import io

import pytest
from rich.console import Console

from perdure._cli import output

ID = "01a1ff3f-6e6a-7823-a7ec-b424d39ac9f0-3"
MOMENT = "2026-11-21 17:55:11"
LIST = (
    [(ID, "checkout", "SUCCESS", "", MOMENT, MOMENT), ("b", "report", "DELAYED", "", MOMENT, None)],
    ("workflow id", "workflow", "status", "queue", "created", "ended"),
)
STEPS = (
    [(1, "ship", "a result of many words " * 8, None, MOMENT)],
    ("step", "name", "result", "child", "at"),
)


@pytest.fixture
def shown(monkeypatch, capsys):
    """A function that prints a table in a terminal of this width, 0: in a pipe; and returns its lines."""

    def shown(width, rows, columns):
        file = io.StringIO()
        if width:
            terminal = Console(file=file, force_terminal=True, color_system=None, width=width)
            monkeypatch.setattr(output, "console", lambda: terminal)
        output.print_table(rows, *columns)
        monkeypatch.undo()
        lines = (file.getvalue() or capsys.readouterr().out).splitlines()
        assert all(len(line) <= (width or 1000) for line in lines)
        return [line.rstrip() for line in lines]

    return shown


def test_a_table_that_fits_has_all_its_columns(shown):
    assert shown(120, *LIST) == shown(0, *LIST)
    assert shown(120, *LIST)[0].split() == ["workflow", "id", *LIST[1][1:]]


def test_in_a_narrow_terminal_empty_columns_go_first(shown):
    wide = len(shown(0, *LIST)[1])
    assert shown(wide, *LIST) == shown(0, *LIST)
    heading, first, second = shown(wide - 1, *LIST)
    assert "queue" not in heading
    assert first.split() == [ID, "checkout", "SUCCESS", *MOMENT.split(), *MOMENT.split()]
    assert second.split()[:3] == ["b", "report", "DELAYED"]


def test_sentences_and_values_are_broken_before_anything_else(shown):
    for width in (80, 60):
        heading, first, *more = shown(width, *STEPS)
        assert heading.split() == ["step", "name", "result", "at"]
        assert first.startswith("1     ship  a result")
        assert first.endswith(MOMENT)
        assert len(more) > 1


@pytest.mark.parametrize("width", [60, 80])
def test_what_is_too_wide_for_a_table_is_told_in_paragraphs(shown, width):
    lines = shown(width, *LIST)
    assert lines[0] == ID
    assert " ".join(lines[1:3]).split() == (
        f"workflow checkout status SUCCESS created {MOMENT} ended {MOMENT}".split()
    )
    assert lines[3] == "b"
    assert all(line.startswith(("  workflow", "  created", "  ended")) for line in lines[4:])
    # Ids and moments are whole, to be copied.
    assert sum(line.count(MOMENT) for line in lines) == 3


def test_in_a_paragraph_what_has_several_lines_is_indented(shown):
    sentence = "what is wrong is told in a sentence that is much longer than the terminal is wide"
    rows = [("warning", "slow queue", "emails", MOMENT, sentence, "and more")]
    lines = shown(40, rows, ("state", "kind", "what", "since", "seen", "rest"))
    assert lines[:3] == ["warning", "  kind slow queue  what emails", f"  since {MOMENT}"]
    assert lines[3].startswith("  seen what is wrong")
    assert lines[4].startswith("    ")
    assert " ".join(" ".join(lines[3:]).split()) == f"seen {sentence} rest and more"

"""Tables, errors and progress as the terminal or a pipe sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from glutarium.cli.console import error, examples, note, progress, table, write

if TYPE_CHECKING:
    import pytest


def test_a_table_shows_every_cell_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    table(("name", "value>"), [("[bold]GLS[/]", 0.000123456), (None, 7)], title="rates")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "rates"
    assert lines[2].split() == ["[bold]GLS[/]", "0.0001235"]
    assert lines[3].split() == ["7"]


def test_a_wide_table_is_not_squeezed_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    table(("a", "b"), [("x" * 70, "y" * 70)])
    assert "x" * 70 in capsys.readouterr().out


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=300))
def test_an_error_is_one_line_whatever_it_says(text: str) -> None:
    import contextlib
    import io

    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        error(f"{text}\nand more")
    shown = stream.getvalue()
    assert shown.count("\n") == 1
    assert shown.rstrip().endswith("and more")


def test_notes_keep_stdout_clean(capsys: pytest.CaptureFixture[str]) -> None:
    note("[not markup] 3 findings")
    write("[output]")
    shown = capsys.readouterr()
    assert shown.err == "[not markup] 3 findings\n"
    assert shown.out == "[output]\n"


def test_progress_is_silent_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress() as hook:
        hook("solving [1 uM]", 1, 2)
        hook("solving [1 uM]", 2, 2)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")


def test_examples_keep_their_brackets() -> None:
    assert "'.\\[test]'" in examples("pip install '.[test]'")

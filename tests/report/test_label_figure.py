"""Figures of measured and predicted isotopologues."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from glutarium.errors import OutputError
from glutarium.report.label_figure import LabelBar, draw_labels, write_label_figures

if TYPE_CHECKING:
    from pathlib import Path


def bars(condition: str) -> list[LabelBar]:
    return [
        LabelBar(condition, metabolite, n, 0.2, math.nan if n else 0.01, 0.25, 0.2, 0.3)
        for metabolite, size in (("malate", 4), ("citrate", 6))
        for n in range(size + 1)
    ]


def test_a_condition_has_a_figure_with_a_panel_per_metabolite() -> None:
    drawn = draw_labels(bars("cells, 21%, 24 h"), "cells, 21%, 24 h")
    assert drawn.name == "cells-21-24-h"
    assert "malate, citrate" in drawn.alt
    for text in ("malate", "citrate", "M6", "measured", "predicted"):
        assert text in drawn.svg
    assert drawn.png.startswith(b"\x89PNG")


def test_every_condition_is_written_both_ways(tmp_path: Path) -> None:
    written = write_label_figures([*bars("a, 24 h"), *bars("b, 24 h")], tmp_path / "new")
    assert [path.name for path in written] == ["a-24-h.png", "b-24-h.png"]
    assert all(path.with_suffix(".svg").exists() for path in written)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    there = tmp_path / "figures"
    there.write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="is a file"):
        write_label_figures(bars("a"), there)

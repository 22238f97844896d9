"""Immune cells beside what was measured of them, with the recorded values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.study.check import CheckOptions, check_studies

if TYPE_CHECKING:
    from pathlib import Path

# Mouse T cells: half the glutamine of the medium inhibits them, a tenth stops them. Neutrophils of
# blood live for 7 to 19 h (row neut_hl) and for less without glutamine.
STUDIES = """
study: activated T cells over the glutamine of RPMI-1640
system: cell
duration: 72 h
setup:
  cells: [naive_t]
  stimulus: {TCR: 1.0}
arms:
  standard: {medium: {glutamine: 2.0}}
  half: {medium: {glutamine: 1.0}}
  tenth: {medium: {glutamine: 0.2}}
expect:
  - {observable: naive_t.proliferation, arm: half, versus: standard, is: down, factor: [0.4, 0.75]}
  - {observable: naive_t.proliferation, arm: tenth, versus: standard, is: down, factor: [0, 0.15]}
---
study: neutrophils live for hours
system: cell
setup:
  cells: [neutrophil]
arms:
  fed: {medium: {glutamine: 0.6}}
  starved: {medium: {glutamine: 0.0}}
expect:
  - {observable: neutrophil.viability, arm: fed, is: value, factor: [0.09, 0.42]}
  - {observable: neutrophil.viability, arm: starved, versus: fed, is: down}
"""


def test_immune_cells_live_and_divide_as_measured(tmp_path: Path) -> None:
    path = tmp_path / "cells.yaml"
    path.write_text(STUDIES, encoding="utf-8")
    found = check_studies([path], options=CheckOptions(members=1, workers=1))
    assert [(r.observable, r.outcome) for r in found if r.outcome != "holds"] == []
    assert len(found) == 4

"""The audit finds the expectations that an edge decides, and those that only restate it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.errors import UnknownNameError
from glutarium.study.audit import audit_edges

if TYPE_CHECKING:
    from pathlib import Path

STUDY = """
study: myc
title: What more MYC does
system: cell
duration: 24 h
setup: {cells: [tumour]}
arms:
  control: {}
  myc: {gene: {MYC: 5}}
expect:
  - {observable: tumour.expression.ADSL, arm: myc, versus: control, is: up}
  - {observable: tumour.expression.SLC7A11, arm: myc, versus: control, is: up}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def test_an_expectation_flips_with_its_edge_and_only_with_it(study: Path) -> None:
    found = audit_edges([study], regulators=["MYC"], workers=1)
    assert found.judged[0].holds
    by_edge = {e.edge: e for e in found.edges}
    direct = by_edge["edge.MYC.ADSL.transcription"]
    assert [j.label for j in direct.lost] == ["myc tumour.expression.ADSL myc"]
    assert direct.restated == direct.lost
    assert not by_edge["edge.MYC.LDHA.transcription"].lost
    assert "myc tumour.expression.ADSL myc" in found.restated


def test_a_node_without_edges_is_told(study: Path) -> None:
    with pytest.raises(UnknownNameError, match="MYK"):
        audit_edges([study], regulators=["MYK"], workers=1)

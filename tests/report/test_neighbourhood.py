"""The drawing of a node's neighbourhood: every edge is there, and the file is sound."""

from __future__ import annotations

from xml.dom.minidom import parseString

import pytest

from glutarium.knowledge.base import load
from glutarium.knowledge.neighbourhood import neighbourhood
from glutarium.report.neighbourhood import neighbourhood_svg


@pytest.mark.parametrize("node", ["MYC", "ATF4", "HIF1A", "mTORC1"])
def test_every_edge_is_drawn_with_its_evidence(node: str) -> None:
    around = neighbourhood(node, load())
    document = parseString(neighbourhood_svg(around))
    lines = [p for p in document.getElementsByTagName("path") if p.hasAttribute("marker-end")]
    others = len(around.incoming) + len(around.outgoing)
    assert len(lines) == others + len(around.senses) + len(around.drugs)
    titles = {t.toxml() for t in document.getElementsByTagName("title")}
    for edge in (*around.incoming, *around.outgoing):
        assert any(key in t for t in titles for key in edge.source)


def test_what_regulation_does_not_know_has_no_neighbourhood() -> None:
    assert not neighbourhood("nothing", load())

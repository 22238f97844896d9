"""Labels against the recorded answers of a published solver on published networks."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmarks.tracing_agreement import RECORD, STEADY, UNSTEADY, difference, ours
from benchmarks.tracing_networks import NETWORKS

ANSWERS = json.loads(RECORD.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", list(NETWORKS))
def test_labels_agree_with_a_published_solver(name: str) -> None:
    allowed = UNSTEADY if NETWORKS[name].hours else STEADY
    assert difference(NETWORKS[name], ANSWERS[name]) < allowed


def test_a_printed_distribution_comes_out() -> None:
    # Antoniewicz 2007 prints these for F of the example network.
    found = ours(NETWORKS["small"])["F"][0]
    assert found == pytest.approx([0.0001, 0.8008, 0.1983, 0.0009], abs=5e-5)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_the_networks_are_balanced(name: str) -> None:
    network = NETWORKS[name]
    net: dict[str, float] = {}
    for reaction, equation in network.reactions.items():
        left, _, right = equation.partition("->")
        for side, sign in ((left, -1.0), (right, 1.0)):
            for term in filter(None, (t.strip() for t in side.split("+"))):
                pool = term.partition("(")[0]
                net[pool] = net.get(pool, 0.0) + sign * network.flux[reaction]
    inner = [v for pool, v in net.items() if pool not in network.feed]
    assert np.allclose(inner, 0.0, atol=1e-12)

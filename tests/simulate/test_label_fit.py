"""Fluxes estimated from labels: the truth comes back, and lies in the interval under noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.errors import ModelError
from glutarium.model.atom_steps import Donor, Step
from glutarium.model.emu import Emu, decompose, flux_index
from glutarium.simulate.label_fit import Measured, estimate_fluxes
from glutarium.simulate.label_solver import LabelSolver, Piece

if TYPE_CHECKING:
    from glutarium.kernel import Array


def step(reaction: str, product: str, *donors: tuple[str, int, int], forward: bool = True) -> Step:
    return Step(reaction, forward, product, 1.0, tuple(Donor(*d) for d in donors))


# A feed that is split: one way turns the molecule, one does not; both meet and leave, C is exchanged.
STEPS = (
    step("feed", "A", ("X", 0, 0), ("X", 1, 0)),
    step("turn", "B", ("A", 1, 0), ("A", 0, 0)),
    step("keep", "B", ("A", 0, 0), ("A", 1, 0)),
    step("swap", "C", ("B", 0, 0), ("B", 1, 0)),
    step("swap", "B", ("C", 0, 0), ("C", 1, 0), forward=False),
    step("spare", "C", ("Y", 0, 0), ("Y", 1, 0)),
)
INDEX = flux_index(["feed", "turn", "keep", "swap", "spare", "out"])
WANTED = [Emu("B", (0,)), Emu("B", (0, 1)), Emu("C", (0,)), Emu("C", (0, 1))]
KNOWN = {INDEX["feed", True]: (1.0, 0.02)}


def balance() -> Array:
    rows = np.zeros((9, len(INDEX)))
    made = [("feed", 0, 1), ("turn", 0, -1), ("keep", 0, -1), ("turn", 1, 1), ("keep", 1, 1)]
    made += [("swap", 1, -1), ("swap", 2, 1), ("spare", 2, 1), ("out", 2, -1)]
    for reaction, pool, sign in made:
        rows[pool, INDEX[reaction, True]] += sign
    rows[1, INDEX["swap", False]], rows[2, INDEX["swap", False]] = 1.0, -1.0
    # What cannot run back does not.
    one_way = ("feed", "turn", "keep", "spare", "out")
    for place, reaction in enumerate(one_way, start=3):
        rows[place, INDEX[reaction, False]] = 1.0
    return rows


def truth() -> Array:
    v = np.zeros(len(INDEX))
    for reaction, value in {
        "feed": 1.0,
        "turn": 0.3,
        "keep": 0.7,
        "swap": 1.6,
        "spare": 0.5,
        "out": 1.5,
    }.items():
        v[INDEX[reaction, True]] = value
    v[INDEX["swap", False]] = 0.6
    return v


def feed(emu: Emu) -> Array:
    """X carries label in its first atom."""
    found = np.zeros(len(emu.atoms) + 1)
    found[int(emu.pool == "X" and 0 in emu.atoms)] = 1.0
    return found


def data(noise: float, seed: int) -> list[Measured]:
    solver = LabelSolver(decompose(STEPS, WANTED, INDEX))
    piece = Piece(1.0, np.ones(len(solver.emus)), truth())
    labels = solver.stationary(solver.start(feed), piece)
    random = np.random.default_rng(seed)
    exact = [solver.read(labels, emu) for emu in WANTED]
    return [
        Measured(emu, own + noise * random.standard_normal(len(own)), np.full(len(own), 0.005))
        for emu, own in zip(WANTED, exact, strict=True)
    ]


def test_the_truth_comes_back_from_exact_data() -> None:
    start = truth() * 1.7 + 0.1
    found = estimate_fluxes(STEPS, INDEX, balance(), feed, data(0.0, 1), known=KNOWN, start=start)
    assert found.flux == pytest.approx(truth(), abs=1e-4)
    assert found.cost == pytest.approx(0.0, abs=1e-6)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(20):
        found = estimate_fluxes(
            STEPS, INDEX, balance(), feed, data(0.005, seed), known=KNOWN, start=truth()
        )
        kept = truth() > 0.0
        inside = (found.low <= truth()) & (truth() <= found.high)
        held.append(inside[kept].mean())
    assert np.mean(held) > 0.85


def test_a_flux_must_be_measured() -> None:
    with pytest.raises(ModelError, match="at least one measured flux"):
        estimate_fluxes(STEPS, INDEX, balance(), feed, data(0.0, 1), known={}, start=truth())

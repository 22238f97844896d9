"""Labels against a simulation of all isotopomers, and the laws that any labelling obeys."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from glutarium.model.atom_steps import Donor, Step
from glutarium.model.emu import Emu, decompose, flux_index, reachable
from glutarium.simulate.label_solver import LabelSolver, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.kernel import Array

SIZES = {"X": 2, "A": 2, "B": 1, "C": 3, "D": 3, "E": 2}


def step(reaction: str, product: str, *donors: tuple[str, int, int], number: float = 1.0) -> Step:
    forward = not reaction.endswith("'")
    return Step(reaction.rstrip("'"), forward, product, number, tuple(Donor(*d) for d in donors))


# Condensation, a reversible rotation, a cleavage with a symmetric product, and a way back.
STEPS = (
    step("r1", "A", ("X", 0, 0), ("X", 1, 0)),
    step("r2", "C", ("A", 0, 0), ("A", 1, 0), ("B", 0, 1)),
    step("r3", "D", ("C", 1, 0), ("C", 2, 0), ("C", 0, 0)),
    step("r3'", "C", ("D", 2, 0), ("D", 0, 0), ("D", 1, 0)),
    step("r4", "B", ("D", 0, 0)),
    step("r4", "E", ("D", 1, 0), ("D", 2, 0), number=0.5),
    step("r4", "E", ("D", 2, 0), ("D", 1, 0), number=0.5),
    step("r5", "A", ("E", 0, 0), ("E", 1, 0)),
)
INDEX = flux_index(["r1", "r2", "r3", "r4", "r5"])
FEED = {(0, 0): 0.2, (1, 0): 0.5, (1, 1): 0.3}
AMOUNTS = {"X": 1.0, "A": 0.3, "B": 0.05, "C": 0.7, "D": 0.2, "E": 1.0}
WANTED = [Emu("C", (0, 1, 2)), Emu("D", (0, 1, 2)), Emu("E", (0, 1)), Emu("B", (0,))]


def fluxes(feed: float = 1.0, exchange: float = 1.3, recycled: float = 0.7) -> Array:
    v = np.zeros(10)
    through = feed + recycled
    v[INDEX["r1", True]], v[INDEX["r2", True]] = feed, through
    v[INDEX["r3", True]], v[INDEX["r3", False]] = through + exchange, exchange
    v[INDEX["r4", True]], v[INDEX["r5", True]] = through, recycled
    return v


def feeding(emu: Emu) -> Array:
    found = np.zeros(len(emu.atoms) + 1)
    if emu.pool != "X":
        found[0] = 1.0
        return found
    for pattern, share in FEED.items():
        found[sum(pattern[a] for a in emu.atoms)] += share
    return found


def all_isotopomers(v: Array, hours: float) -> dict[tuple[str, tuple[int, ...]], float]:
    """Every isotopomer of every pool, integrated as it stands."""
    places = {
        (p, i): n
        for n, (p, i) in enumerate(
            (p, i) for p, k in SIZES.items() for i in itertools.product((0, 1), repeat=k)
        )
    }

    def slope(_t: float, y: Array) -> Array:
        out = np.zeros_like(y)
        for s in STEPS:
            flow = v[INDEX[s.reaction, s.forward]] * s.number / AMOUNTS[s.product]
            molecules = list(dict.fromkeys((d.molecule, d.pool) for d in s.donors))
            every = [itertools.product((0, 1), repeat=SIZES[pool]) for _, pool in molecules]
            for combination in itertools.product(*every):
                chosen = dict(zip(molecules, combination, strict=True))
                chance = np.prod([y[places[pool, i]] for (_, pool), i in chosen.items()])
                made = tuple(chosen[d.molecule, d.pool][d.atom] for d in s.donors)
                out[places[s.product, made]] += flow * chance
            for i in itertools.product((0, 1), repeat=SIZES[s.product]):
                out[places[s.product, i]] -= flow * y[places[s.product, i]]
        return out

    start = np.zeros(len(places))
    for pool, size in SIZES.items():
        if pool != "X":
            start[places[pool, (0,) * size]] = 1.0
    for pattern, share in FEED.items():
        start[places["X", pattern]] = share
    found = solve_ivp(slope, (0.0, hours), start, method="Radau", rtol=1e-10, atol=1e-13)
    return {key: float(found.y[n, -1]) for key, n in places.items()}


def solver(wanted: Sequence[Emu] = WANTED) -> LabelSolver:
    return LabelSolver(decompose(STEPS, wanted, INDEX))


def piece(own: LabelSolver, hours: float, v: Array) -> Piece:
    return Piece(hours, np.array([AMOUNTS[e.pool] for e in own.emus]), v)


def test_labels_agree_with_all_isotopomers() -> None:
    own, v = solver(), fluxes()
    state = own.start(feeding)
    for _ in range(4):
        state = own.advance(state, piece(own, 0.5, v), tolerance=1e-11)
    exact = all_isotopomers(v, 2.0)
    for emu in WANTED:
        wanted = np.zeros(len(emu.atoms) + 1)
        for i in itertools.product((0, 1), repeat=SIZES[emu.pool]):
            wanted[sum(i)] += exact[emu.pool, i]
        assert own.read(state, emu) == pytest.approx(wanted, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(
    feed=st.floats(1e-3, 1e3),
    exchange=st.floats(0.0, 1e4),
    recycled=st.floats(0.0, 1e2),
    hours=st.floats(1e-3, 1e2),
)
def test_distributions_add_up_to_one(
    feed: float, exchange: float, recycled: float, hours: float
) -> None:
    own = solver()
    after = own.advance(own.start(feeding), piece(own, hours, fluxes(feed, exchange, recycled)))
    for emu in own.emus:
        # Where atoms pass a pool a hundred thousand times, their rounding adds up.
        rounding = 10.0 * np.finfo(float).eps * exchange * hours
        assert own.read(after, emu).sum() == pytest.approx(1.0, abs=max(1e-10, rounding))


def test_labels_settle_at_the_stationary_ones() -> None:
    own, v = solver(), fluxes()
    start = own.start(feeding)
    far = own.advance(start, piece(own, 500.0, v), tolerance=1e-9)
    assert far == pytest.approx(own.stationary(start, piece(own, 1.0, v)), abs=1e-8)


def test_stationary_labels_do_not_depend_on_pools() -> None:
    own, v = solver(), fluxes()
    start = own.start(feeding)
    small = Piece(1.0, np.full(len(own.emus), 1e-3), v)
    assert own.stationary(start, small) == pytest.approx(
        own.stationary(start, piece(own, 1.0, v)), abs=1e-10
    )


def test_what_no_label_reaches_is_left_out() -> None:
    live = reachable(STEPS[:1], [("X", 0)])
    system = decompose(STEPS[:1], [Emu("A", (0, 1))], INDEX, live)
    assert [e for level in system.levels.values() for e in level.emus] == [
        Emu("A", (0,)),
        Emu("X", (0,)),
    ]


def test_units_that_hold_the_same_are_followed_once() -> None:
    """Atoms of E cannot be told apart; those of X start from different labels, though nothing makes them."""
    every = decompose(STEPS, WANTED, INDEX)
    fewer = decompose(STEPS, WANTED, INDEX, alike=lambda emu: tuple(feeding(emu)))
    assert fewer.count < every.count
    assert fewer.stands[Emu("E", (1,))] == fewer.stands[Emu("E", (0,))]
    assert fewer.stands[Emu("X", (1,))] != fewer.stands[Emu("X", (0,))]
    v = fluxes()
    (whole, one), (small, other) = (
        (own, own.advance(own.start(feeding), piece(own, 0.7, v), tolerance=1e-11))
        for own in (LabelSolver(every), LabelSolver(fewer))
    )
    for emu in whole.emus:
        assert small.read(other, emu) == pytest.approx(whole.read(one, emu), abs=1e-10)


def test_pools_without_inflow_keep_their_label() -> None:
    own, v = solver(), fluxes()
    after = own.advance(own.start(feeding), piece(own, 3.0, v))
    fed = next(e for e in own.emus if e.pool == "X" and len(e.atoms) == 2)
    assert own.read(after, fed) == pytest.approx(feeding(fed), abs=1e-12)

"""Factors with a fixed pattern solve what numpy solves."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.compile import factor, storage
from glutarium.compile.emit_factors import emit_factorise
from glutarium.compile.emit_solve import emit_solve
from glutarium.compile.factor import BLOCK, Factors, factors
from glutarium.compile.sizes import MOST_ENTRIES
from glutarium.compile.storage import Storage
from glutarium.compile.values import Lanes
from glutarium.machine import Library, object_code

if TYPE_CHECKING:
    from collections.abc import Collection

    from glutarium.kernel import Array


class Solver:
    """Machine code for one pattern.

    Parameters
    ----------
    pattern
        Places of the factors.
    n_states
        Unknowns whose diagonal gets the shift; the others get one.
    width
        Lanes.
    given
        Entries of the matrix; all by default.
    """

    def __init__(
        self,
        pattern: Factors,
        n_states: int,
        width: int,
        given: Collection[tuple[int, int]] | None = None,
    ) -> None:
        self._given = given
        lanes = Lanes(width)
        three = ", ".join([lanes.type] * 3)
        text = f"declare {lanes.type} @llvm.fma.{lanes.suffix}({three})\n"
        self._storage = Storage(pattern)
        text += emit_factorise(self._storage, n_states, lanes, given)
        text += emit_solve(self._storage, lanes)
        self._library = Library(object_code(text), frozenset(("factorise", "solve")))
        self._pattern, self._width = pattern, width

    def __call__(self, matrices: Array, shift: float, right: Array) -> Array:
        """Solutions of ``(width, n, n)`` systems for right-hand sides ``(width, n)``."""
        m = np.zeros((self._pattern.n_entries + 1, self._width))
        if (
            self._storage.small and self._given is not None
        ):  # what elimination adds is not set before
            m[: self._storage.block_start] = np.nan
        for (i, j), q in self._storage.slots.items():
            if self._given is None or (i, j) in self._given:
                m[q] = matrices[:, i, j]
        x, shifts = np.array(right.T, order="C"), np.full(self._width, shift)
        for name, arguments in (("factorise", (m, shifts)), ("solve", (m, x))):
            call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2)(self._library.address(name))
            call(*(a.ctypes.data for a in arguments))
        return np.asarray(x.T)


def shifted(matrices: Array, n_states: int, shift: float) -> Array:
    n = matrices.shape[1]
    return np.asarray(matrices + np.diag(np.where(np.arange(n) < n_states, shift, 1.0)))


def random_pattern(random: np.random.Generator, n: int, density: float) -> list[tuple[int, int]]:
    places = np.argwhere(random.random((n, n)) < density)
    return [(int(i), int(j)) for i, j in places]


def random_matrices(
    random: np.random.Generator, entries: list[tuple[int, int]], n: int, width: int
) -> Array:
    """Matrices that need no pivoting: the diagonal outweighs its row and column."""
    found = np.zeros((width, n, n))
    for i, j in entries:
        found[:, i, j] = random.normal(0, 1, width)
    found[:, range(n), range(n)] += 1.0 + np.abs(found).sum(axis=(1, 2))[:, None] / max(n, 1)
    return found


def check(pattern: Factors, entries: list[tuple[int, int]], seed: int, n_states: int) -> None:
    """Solve on one lane and on four, with loops and without; as numpy does, alike to the last bit."""
    n, random = len(pattern.order), np.random.default_rng(seed)
    matrices, right = random_matrices(random, entries, n, 4), random.normal(0, 1, (4, n))
    shift = float(np.abs(matrices).sum(axis=2).max())
    exact = np.linalg.solve(shifted(matrices, n_states, shift), right[..., None])[..., 0]
    found = []
    for most in (0, MOST_ENTRIES):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(storage, "MOST_ENTRIES", most)
            four = Solver(pattern, n_states, 4)(matrices, shift, right)
            given = {*entries, *((i, i) for i in range(n))}
            single = Solver(pattern, n_states, 1, given)
            ones = [single(matrices[i : i + 1], shift, right[i : i + 1]) for i in range(4)]
        found += [four, np.concatenate(ones)]
    np.testing.assert_allclose(found[0], exact, rtol=1e-9, atol=1e-11 * np.abs(exact).max())
    assert len({np.ascontiguousarray(x).tobytes() for x in found}) == 1


@given(
    n=st.integers(1, 40),
    density=st.sampled_from([0.0, 0.03, 0.1, 0.3, 1.0]),
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0.0, 1.0),
)
@settings(max_examples=40)
def test_any_pattern_is_solved(n: int, density: float, seed: int, share: float) -> None:
    entries = random_pattern(np.random.default_rng(seed), n, density)
    check(factors(entries, n), entries, seed, n_states=round(share * n))


@pytest.mark.parametrize("full", [0, BLOCK, 2 * BLOCK])
@pytest.mark.parametrize("density", [0.1, 1.0])
def test_the_full_block_may_be_of_any_number_of_blocks(
    monkeypatch: pytest.MonkeyPatch, full: int, density: float
) -> None:
    monkeypatch.setattr(factor, "_full_block", lambda *_: full)
    entries = random_pattern(np.random.default_rng(full), 20, density)
    pattern = factors(entries, 20)
    assert pattern.full == full
    check(pattern, entries, seed=full, n_states=15)


def test_a_full_matrix_is_one_block_and_a_diagonal_one_has_none() -> None:
    n = 8 * BLOCK
    everything = [(i, j) for i in range(n) for j in range(n)]
    assert factors(everything, n).full == n
    diagonal = factors([], n)
    assert (diagonal.full, diagonal.operations, diagonal.n_entries) == (0, 0, n)


@given(n=st.integers(1, 30), density=st.floats(0.0, 0.5), seed=st.integers(0, 2**32 - 1))
def test_the_pattern_is_closed_under_elimination(n: int, density: float, seed: int) -> None:
    entries = random_pattern(np.random.default_rng(seed), n, density)
    pattern = factors(entries, n)
    assert sorted(pattern.order) == list(range(n))
    slots, place = Storage(pattern).slots, {unknown: i for i, unknown in enumerate(pattern.order)}
    assert set(entries) <= slots.keys()
    assert sorted(slots.values()) == list(range(pattern.n_entries))
    for k in pattern.order:
        below = [i for i, j in slots if j == k and place[i] > place[k]]
        right = [j for i, j in slots if i == k and place[j] > place[k]]
        assert all((i, j) in slots for i in below for j in right)
    for i, unknown in enumerate(pattern.order):
        assert pattern.columns[pattern.diagonal[i]] == unknown
    for a, b in zip(pattern.levels, pattern.levels[1:], strict=False):
        level = set(pattern.order[a:b])
        assert not any(i != j and i in level and j in level for i, j in slots)


def test_a_tree_has_no_fill() -> None:
    """Markowitz takes the leaves first; the hub of a star comes last."""
    star = [(0, j) for j in range(1, 12)] + [(j, 0) for j in range(1, 12)]
    pattern = factors(star, 12)
    assert pattern.order.index(0) >= 12 - max(pattern.full, 2)
    if not pattern.full:
        assert pattern.n_entries == 12 + len(star)

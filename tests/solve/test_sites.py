"""Cells around one medium: shared states are solved as one, whatever the packing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutarium.compile.pipeline import compile_coupling, compile_lanes
from glutarium.errors import CompileError
from glutarium.kernel import ResultCode
from glutarium.model.expr import Number, Symbol
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State
from glutarium.solve.lanes import LaneOptions
from glutarium.solve.sites.run import run_sites
from glutarium.solve.sites.site import Flow, Present, Site, SiteRun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from glutarium.compile.coupled import CompiledCoupling
    from glutarium.compile.lanes import CompiledLanes
    from glutarium.kernel import Array

ATOL = np.array([1e-9, 1e-9, 1e-9])
TIMES = np.array([0.0, 0.5, 2.0, 6.0])
SHARED, OTHER, HELD = range(3)
DENSITY, SPEED, SHARE = range(3)


def _spec() -> ModelSpec:
    """A cell that takes a solute from its medium and turns it over; a second solute decays in the medium."""
    out, waste, held = (Symbol(f"state:{s}") for s in ("m", "w", "c"))
    density, speed, share = (Symbol(s) for s in ("density", "speed", "share"))
    return ModelSpec(
        name="cell and medium",
        states=(
            State("m", "solute outside", "mM", 1.0, 1e-9, scale=density, compartment="e"),
            State("w", "waste outside", "mM", 0.0, 1e-9, scale=density, compartment="e"),
            State("c", "solute inside", "mM", 0.2, 1e-9),
        ),
        parameters=(
            Parameter("density", 0.5, "1"),
            Parameter("speed", 3.0, "1/h"),
            Parameter("share", 1.0, "1"),
        ),
        assignments=(("uptake", speed * out - held), ("use", Number(0.4) * held)),
        fluxes=(
            Flux("uptake", Symbol("uptake"), Symbol("uptake"), {"m": -1.0, "c": 1.0}),
            Flux("use", Symbol("use"), Symbol("use"), {"c": -1.0, "w": 1.0}),
            Flux("decay", waste * share / density, waste * share / density, {"w": -1.0}),
        ),
        observables=(Observable("inside", held, "mM"),),
    )


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> CompiledLanes:
    return compile_lanes(_spec(), cache=tmp_path_factory.mktemp("kernels"), width=4)


@pytest.fixture(scope="module")
def coupling(tmp_path_factory: pytest.TempPathFactory) -> CompiledCoupling:
    return compile_coupling(_spec(), ("m", "w"), cache=tmp_path_factory.mktemp("kernels"), width=4)


class Still:
    """Changes nothing but the flow."""

    def __init__(self, flow: Flow | None = None, longest: float = math.inf) -> None:
        self._flow, self._longest = flow, longest

    def tend(self, present: Present) -> None:
        present.max_step = self._longest
        if self._flow is not None:
            present.flow = self._flow

    def lead(self, present: Present) -> None:
        """Nothing changes along with the cells."""

    def next_stop(self, t: float) -> float:
        del t
        return math.inf


def _site(cells: Sequence[tuple[float, float, int]], inside: Sequence[float] | None = None) -> Site:
    """Cells by density, speed of uptake and zone."""
    zone = np.array([z for *_, z in cells])
    count = np.bincount(zone)
    p = np.array([[d, k, 1.0 / count[z]] for d, k, z in cells])
    start = [0.2] * len(cells) if inside is None else inside
    return Site(np.array([[1.0, 0.0, c] for c in start]), p, zone)


def _run(
    kernel: CompiledLanes,
    coupling: CompiledCoupling,
    sites: Sequence[Site],
    flow: Flow | None = None,
    rtol: float = 1e-8,
) -> list[SiteRun]:
    return run_sites(
        kernel,
        coupling,
        sites,
        [Still(flow) for _ in sites],
        TIMES,
        options=LaneOptions(rtol=rtol),
        atol=ATOL,
        observables=False,
    )


def _exact(site: Site, flow: Flow | None = None) -> Array:
    """States of all cells at the times, by the matrix exponential of the whole system."""
    from scipy.linalg import expm

    n = len(site.zone)
    shared = 2 * site.n_zones
    matrix, gain = np.zeros((shared + n, shared + n)), np.zeros(shared + n)
    for i, z in enumerate(site.zone):
        density, speed, share = site.p[i]
        m, w, c = 2 * z, 2 * z + 1, shared + i
        matrix[c, m] += speed
        matrix[c, c] -= 1.0 + 0.4
        matrix[m, m] -= density * speed
        matrix[m, c] += density
        matrix[w, c] += density * 0.4
        matrix[w, w] -= share
    if flow is not None:
        gain[:shared] = flow.gain.ravel()
        for z in range(site.n_zones):
            for x in range(site.n_zones):
                for s in range(2):
                    matrix[2 * z + s, 2 * x + s] -= flow.loss[z, x, s]
    first = [int(np.flatnonzero(site.zone == z)[0]) for z in range(site.n_zones)]
    start = np.concatenate([*(site.y[f, :2] for f in first), site.y[:, 2]])
    steady = np.linalg.solve(matrix, -gain) if flow is not None else np.zeros_like(gain)
    whole = np.array([steady + expm(matrix * t) @ (start - steady) for t in TIMES])
    return np.array(
        [
            np.column_stack([whole[:, 2 * z : 2 * z + 2], whole[:, shared + i]])
            for i, z in enumerate(site.zone)
        ]
    )


@pytest.mark.parametrize(
    "cells",
    [
        [(0.5, 3.0, 0)],
        [(0.5, 3.0, 0), (2.0, 0.1, 0)],
        [(0.5, 3.0, 0), (2.0, 0.1, 0), (1.0, 30.0, 0), (0.1, 1.0, 0), (40.0, 5.0, 0)],
    ],
)
def test_a_shared_medium_follows_the_exact_solution(
    kernel: CompiledLanes, coupling: CompiledCoupling, cells: list[tuple[float, float, int]]
) -> None:
    site = _site(cells)
    run = _run(kernel, coupling, [site])[0]
    assert run.code is ResultCode.SUCCESS
    np.testing.assert_allclose(run.observed, _exact(site), rtol=1e-6, atol=1e-8)


def test_flows_between_zones_and_from_outside_are_part_of_the_step(
    kernel: CompiledLanes, coupling: CompiledCoupling
) -> None:
    flow = Flow(
        np.array([[20.0, 0.0], [1.0, 0.0]]),
        np.array([[[25.0, 22.0], [-5.0, -2.0]], [[-5.0, -2.0], [6.0, 3.0]]]),
    )
    site = _site([(0.5, 3.0, 0), (2.0, 0.1, 1), (1.0, 30.0, 1)])
    run = _run(kernel, coupling, [site], flow)[0]
    np.testing.assert_allclose(run.observed, _exact(site, flow), rtol=1e-6, atol=1e-8)


def test_matter_is_kept_however_loose_the_tolerance(
    kernel: CompiledLanes, coupling: CompiledCoupling
) -> None:
    flow = Flow(np.array([[3.0, 0.0]]), np.array([[[4.0, 0.0]]]))
    cells = [(0.5, 3.0, 0), (2.0, 0.1, 0), (1.0, 30.0, 0)]
    site = _site(cells)
    site.p[:, SHARE] = 0.0  # waste stays
    run = _run(kernel, coupling, [site], flow, rtol=1e-2)[0]
    density = site.p[:, DENSITY]
    medium = run.observed[0, :, SHARED] + run.observed[0, :, OTHER]
    total = medium + density @ run.observed[:, :, HELD]
    came = run.taken[:, 0].sum(axis=1)
    np.testing.assert_allclose(total - came, total[0], rtol=1e-13)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.1, 0.9), min_size=1, max_size=3))
def test_a_cell_cut_into_parts_is_the_same_cell(
    kernel: CompiledLanes, coupling: CompiledCoupling, cuts: list[float]
) -> None:
    parts, left = [], 0.5
    for cut in cuts:
        parts.append(left * cut)
        left -= left * cut
    whole, divided = _run(
        kernel, coupling, [_site([(0.5, 3.0, 0)]), _site([(d, 3.0, 0) for d in (*parts, left)])]
    )
    for cell in divided.observed:
        np.testing.assert_allclose(cell, whole.observed[0], rtol=1e-9)


def test_results_do_not_depend_on_who_stands_beside(
    kernel: CompiledLanes, coupling: CompiledCoupling
) -> None:
    sites = [_site([(0.1 * i + 0.1, 3.0, 0), (1.0, 0.3 * i, 0), (2.0, 1.0, 0)]) for i in range(40)]
    together = _run(kernel, coupling, sites)
    for i in (0, 7, 39):
        alone = _run(kernel, coupling, [sites[i]])[0]
        assert np.array_equal(alone.observed, together[i].observed)


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_do_not_change_a_bit(
    kernel: CompiledLanes, coupling: CompiledCoupling, threads: int
) -> None:
    sites = [_site([(0.1 * i + 0.1, 3.0, 0), (1.0, 0.3 * i, 0), (2.0, 1.0, 0)]) for i in range(60)]
    told: list[int] = []
    one, many = (
        run_sites(
            kernel,
            coupling,
            sites,
            [Still() for _ in sites],
            TIMES,
            options=LaneOptions(rtol=1e-6),
            atol=ATOL,
            observables=False,
            threads=n,
            progress=told.append,
        )
        for n in (1, threads)
    )
    assert told[-1] == len(sites)
    for a, b in zip(one, many, strict=True):
        assert a.observed.tobytes() == b.observed.tobytes()
        assert (a.steps, a.rejected, a.code) == (b.steps, b.rejected, b.code)


def test_a_steward_that_fails_ends_the_run(
    kernel: CompiledLanes, coupling: CompiledCoupling
) -> None:
    class Failing(Still):
        def tend(self, present: Present) -> None:
            if present.t > 0.0:
                message = "no more"
                raise RuntimeError(message)

    sites = [_site([(0.5, 3.0, 0)]) for _ in range(40)]
    stewards = [Failing() if i == 20 else Still() for i in range(40)]
    with pytest.raises(RuntimeError, match="no more"):
        run_sites(kernel, coupling, sites, stewards, TIMES, atol=ATOL, threads=2)


@pytest.mark.parametrize(
    ("inside", "code", "named"),
    [
        (
            0.0,
            ResultCode.INCONSISTENT_START,
            "c and all that it can turn into add up to zero in cell 1",
        ),
        (math.nan, ResultCode.NOT_FINITE, "c of cell 1 starts at nan"),
        (-1e-3, ResultCode.NEGATIVE_POOL, "c of cell 1 starts at -0.001"),
    ],
)
def test_a_start_that_cannot_be_is_refused_and_the_others_go_on(
    kernel: CompiledLanes, coupling: CompiledCoupling, inside: float, code: ResultCode, named: str
) -> None:
    cells = [(0.5, 3.0, 0), (1.0, 1.0, 0)]
    good, bad = _site(cells), _site(cells, [0.2, inside])
    runs = run_sites(
        kernel,
        coupling,
        [good, bad, good],
        [Still() for _ in range(3)],
        TIMES,
        atol=ATOL,
        moieties=np.array(
            [[0.0, 0.0, 1.0], [1.0, -1.0, 0.0]]
        ),  # a sum, and a difference that may be zero
    )
    assert [r.code for r in runs] == [ResultCode.SUCCESS, code, ResultCode.SUCCESS]
    assert named in runs[1].detail
    assert len(runs[1].times) == 0
    assert runs[0].observed.tobytes() == runs[2].observed.tobytes()


def test_order_of_convergence(kernel: CompiledLanes, coupling: CompiledCoupling) -> None:
    """Fixed steps: halving them divides the error by about two to the fifth."""
    site = _site([(0.5, 3.0, 0), (2.0, 0.5, 0)])
    exact = _exact(site)[:, -1]
    errors = []
    for h in (0.5, 0.25):
        run = run_sites(
            kernel,
            coupling,
            [site],
            [Still(longest=h)],
            TIMES[[0, -1]],
            options=LaneOptions(rtol=0.1, first_step=h),
            atol=np.full(3, 1e3),
        )[0]
        errors.append(np.abs(run.end - exact).max())
    assert errors[0] / errors[1] > 2.0**4.3


class Slowing(Still):
    """Uptake slows down with time; every step is taken with what it is in its middle."""

    def lead(self, present: Present) -> None:
        middle = present.t + present.ahead / 2.0
        present.p[:, SPEED] = 3.0 * math.exp(-middle / 4.0)
        present.renewed = np.array([SPEED])


def test_what_is_set_to_the_middle_of_steps_is_right_to_second_order(
    kernel: CompiledLanes, coupling: CompiledCoupling
) -> None:
    site = _site([(0.5, 3.0, 0), (2.0, 0.5, 0)])
    ends = [
        run_sites(
            kernel,
            coupling,
            [site],
            [Slowing(longest=h)],
            TIMES[[0, -1]],
            options=LaneOptions(rtol=0.1, first_step=h),
            atol=np.full(3, 1e3),
        )[0].end
        for h in (0.2, 0.1, 0.0125)
    ]
    errors = [float(np.abs(end - ends[-1]).max()) for end in ends[:-1]]
    assert errors[0] / errors[1] > 2.0**1.8


def test_a_run_that_fails_names_the_state_and_leaves_the_others(
    kernel: CompiledLanes, coupling: CompiledCoupling
) -> None:
    good, bad = _site([(0.5, 3.0, 0)]), _site([(0.5, math.nan, 0), (1.0, 1.0, 0)])
    runs = _run(kernel, coupling, [good, bad, good])
    assert [r.code for r in runs] == [
        ResultCode.SUCCESS,
        ResultCode.NOT_FINITE,
        ResultCode.SUCCESS,
    ]
    assert "h" in runs[1].detail
    assert np.array_equal(runs[0].observed, runs[2].observed)


@pytest.mark.parametrize("when", ["tend", "lead"])
def test_what_a_steward_cannot_reckon_ends_its_site_alone(
    kernel: CompiledLanes, coupling: CompiledCoupling, when: str
) -> None:
    def divided(present: Present) -> None:
        if present.t > 0.0:
            present.max_step = 1.0 / 0.0

    stewards = [Still(), Still(), Still()]
    setattr(stewards[1], when, divided)
    sites = [_site([(0.5, 3.0, 0)]) for _ in stewards]
    runs = run_sites(kernel, coupling, sites, stewards, TIMES, atol=ATOL)
    assert [r.code is ResultCode.SUCCESS for r in runs] == [True, False, True]
    assert "division by zero" in runs[1].detail
    assert np.array_equal(runs[0].observed, runs[2].observed)


def test_an_unknown_shared_state_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="no state 'x'"):
        compile_coupling(_spec(), ("m", "x"), cache=tmp_path, width=4)

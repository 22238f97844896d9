"""States that follow from others by conserved sums, and the linear system without them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glutarium.compile import compile_lanes, moieties
from glutarium.compile.analyse import analyse
from glutarium.compile.bordered import border
from glutarium.compile.conserved import lane_storage
from glutarium.compile.lower import lower
from glutarium.model.expr import Expr, Number, Symbol, as_expr
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State

NAMES = ("free", "held", "twin", "atp", "adp", "amp", "food", "waste")


def carriers(scale: Expr | None = None) -> ModelSpec:
    """A dimer and a carrier in three forms beside pools that come and go; ``scale`` is the twin's."""
    free, held, twin, atp, adp, amp, food, _ = (Symbol(n) for n in NAMES)
    rates = {
        "bind": (3.0 * free**2 * atp - twin, {"free": -2.0, "twin": 1.0, "atp": -1.0, "adp": 1.0}),
        "hold": (food * free - 0.4 * held, {"free": -1.0, "held": 1.0, "food": -1.0}),
        "kinase": (50.0 * (adp**2 - 2.0 * atp * amp), {"adp": -2.0, "atp": 1.0, "amp": 1.0}),
        "charge": (food * adp / (0.2 + adp), {"adp": -1.0, "atp": 1.0, "food": -1.0, "waste": 1.0}),
        "feed": (as_expr(Symbol("inflow")), {"food": 1.0}),
        "lose": (0.3 * Symbol("waste"), {"waste": -1.0}),
        "eat": (0.1 * food, {"food": -1.0}),
    }
    scales = {"twin": scale} if scale else {}
    return ModelSpec(
        name="carriers",
        states=tuple(State(n, n, "mM", 1.0, 1e-9, scale=scales.get(n, Number(1.0))) for n in NAMES),
        parameters=(Parameter("inflow", 1.0, "1"),),
        assignments=tuple((n, Symbol(f"state:{n}")) for n in NAMES),
        fluxes=tuple(Flux(name, rate, rate, sides) for name, (rate, sides) in rates.items()),
        observables=(Observable("total", Symbol("atp"), "mM"),),
    )


def bound(spec: ModelSpec) -> dict[str, dict[str, float]]:
    found = lane_storage(border(lower(analyse(spec)))).bound
    return {NAMES[i]: {NAMES[j]: w for j, w in others.items()} for i, others in found.items()}


def test_one_state_of_each_sum_follows_from_the_others() -> None:
    found = bound(carriers())
    assert len(found) == 2
    sums = [{name: 1.0, **others} for name, others in found.items()]
    assert {"atp": 1.0, "adp": 1.0, "amp": 1.0} in sums
    dimer = next(s for s in sums if "twin" in s)
    assert {n: w / dimer["free"] for n, w in dimer.items()} == {
        "free": 1.0,
        "held": 1.0,
        "twin": 2.0,
    }


def test_a_sum_over_two_volumes_spares_nothing() -> None:
    assert set(bound(carriers(1.0 / Symbol("inflow")))) <= {"atp", "adp", "amp"}


def test_factors_and_operations_are_fewer() -> None:
    model = border(lower(analyse(carriers())))
    storage = lane_storage(model)
    assert len(storage.pattern.order) == len(NAMES) - 2
    assert set(model.entries) <= set(storage.slots)
    places = list(storage.slots.values())
    assert len(set(places)) == len(places)
    assert max(places) < storage.n_entries


@pytest.mark.parametrize("width", [1, 4, 8])
@given(seed=st.integers(0, 2**32 - 1))
def test_steps_are_those_of_the_whole_system(width: int, seed: int) -> None:
    spec = carriers()
    kernel, random = compile_lanes(spec, width=width), np.random.default_rng(seed)
    y, p, n = random.lognormal(0, 1, len(NAMES)), np.ones(1), len(NAMES)
    hours = float(10.0 ** random.uniform(-4, 1))
    step, rates, columns = np.empty(n), np.empty(n), np.empty(n * n)
    assert kernel.implicit_step(0.0, y, p, hours, step)
    kernel.rhs(0.0, y, p, rates)
    kernel.jacobian(0.0, y, p, columns)
    whole = np.eye(n) / hours - columns.reshape(n, n).T
    expected = np.linalg.solve(whole, rates)
    np.testing.assert_allclose(step, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())
    sums = moieties(spec)
    assert (np.abs(sums @ step) <= 1e-15 * (np.abs(sums) @ np.abs(step))).all()

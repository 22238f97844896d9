"""Specifications are checked, and conserved sums are found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.compile import compile_spec, moieties, required_moieties
from glutarium.compile.analyse import analyse
from glutarium.errors import CompileError
from glutarium.model.expr import Number, Symbol
from glutarium.model.spec import Flux, ModelSpec, Parameter, State

if TYPE_CHECKING:
    from collections.abc import Mapping


def flux(name: str, stoichiometry: Mapping[str, float]) -> Flux:
    return Flux(name, Symbol("k"), Symbol("k"), stoichiometry)


def pool(name: str, volume: str | None = None, direct: float = 0.0) -> State:
    scale = 1 / Symbol(volume) if volume else Number(1.0)
    return State(name, name, "mM", 1.0, 1e-9, scale=scale, direct=Number(direct))


@pytest.fixture
def cofactors() -> ModelSpec:
    """ATP and ADP in two volumes, a carrier, a leaking pool and one that nothing touches."""
    return ModelSpec(
        "cofactors",
        (
            pool("atp_c", "v_c"),
            pool("adp_c", "v_c"),
            pool("atp_m", "v_m"),
            pool("adp_m", "v_m"),
            pool("q"),
            pool("qh2"),
            pool("leak", direct=-1.0),
            pool("idle"),
        ),
        (Parameter("k", 1.0, "1"), Parameter("v_c", 4.0, "L"), Parameter("v_m", 0.5, "L")),
        (),
        (
            flux("ANT", {"atp_m": -1, "adp_m": 1, "atp_c": 1, "adp_c": -1}),
            flux("SYN", {"adp_m": -1, "atp_m": 1, "qh2": -0.5, "q": 0.5}),
            flux("USE", {"atp_c": -1, "adp_c": 1}),
            flux("OUT", {"leak": -1}),
        ),
        (),
    )


def test_moieties_are_the_conserved_sums(cofactors: ModelSpec) -> None:
    found = moieties(cofactors)
    expected = {
        ("adp_c", "atp_c"): (1.0, 1.0),
        ("adp_m", "atp_m"): (1.0, 1.0),
        ("q", "qh2"): (1.0, 1.0),
        ("idle",): (1.0,),
    }
    ids = np.array(cofactors.state_ids)
    rows = {tuple(sorted(ids[row != 0])): tuple(row[row != 0]) for row in found}
    assert rows == expected


def test_moieties_weigh_volumes(cofactors: ModelSpec) -> None:
    fluxes = (flux("ANT", {"atp_m": -1, "atp_c": 1}),)
    found = moieties(replace(cofactors, fluxes=fluxes))
    shared = found[found[:, 0] != 0]
    np.testing.assert_allclose(shared[:, [0, 2]], [[8.0, 1.0]])


def test_moieties_of_a_network_are_kept_by_every_flux(network: ModelSpec) -> None:
    spec = replace(network, fluxes=network.fluxes[:12])
    found = moieties(spec)
    ids = spec.state_ids
    nominal = {p.id: p.value for p in spec.parameters}
    scale = np.array([1000 / nominal["volume.m"] if s.endswith("_m") else 0.25 for s in ids])
    scale[:5] = 0.1
    matrix = np.array([[f.stoichiometry.get(s, 0.0) for f in spec.fluxes] for s in ids])
    free = sum(s.direct == Number(0.0) for s in spec.states)
    assert len(found) == free - np.linalg.matrix_rank(matrix)
    np.testing.assert_allclose(found @ (scale[:, None] * matrix), 0.0, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fluxes": (flux("F", {"atp_x": 1}),)}, "'atp_x', which is not a state"),
        ({"fluxes": (Flux("F", Symbol("vmax"), Symbol("k"), {}),)}, "uses 'vmax'"),
        ({"assignments": (("k", Number(1.0)),)}, "defines 'k' more than once as a symbol"),
        ({"states": (pool("a"), pool("a"))}, "defines 'a' more than once as a state"),
        ({"states": (pool("a", volume="state:a"),), "fluxes": ()}, "scale of state 'a'"),
    ],
)
def test_what_is_wrong_is_named(
    cofactors: ModelSpec, change: dict[str, tuple[object, ...]], said: str
) -> None:
    with pytest.raises(CompileError, match=said):
        analyse(replace(cofactors, **change))  # type: ignore[arg-type]


def test_scales_may_use_assignments_of_parameters(cofactors: ModelSpec) -> None:
    spec = ModelSpec(
        "scaled",
        (pool("a", volume="half"),),
        cofactors.parameters,
        (("half", Symbol("v_c") / 2),),
        (flux("F", {"a": 3}),),
        (),
    )
    out = np.empty(1)
    compile_spec(spec).rhs(0.0, np.ones(1), np.array([1.0, 4.0, 0.5]), out)
    assert out[0] == 1.5


def test_only_amounts_that_are_there_are_required(cofactors: ModelSpec) -> None:
    absent = replace(pool("idle"), initial=0.0)
    states = tuple(absent if s.id == "idle" else s for s in cofactors.states)
    use = flux("USE", {"atp_c": -1, "adp_c": 1})
    fluxes = (use, flux("OUT", {"leak": -1}), flux("PAIR", {"atp_m": -1, "adp_m": -1}))
    spec = replace(cofactors, states=states, fluxes=fluxes)
    ids = np.array(spec.state_ids)
    required = {tuple(sorted(ids[row != 0])) for row in required_moieties(spec)}
    assert required == {("adp_c", "atp_c"), ("q",), ("qh2",)}
    assert len(moieties(spec)) == 5  # with what is idle, and the difference of the pair

"""The frozen specification: what its hash covers and what it misses."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING

import pytest

from glutarium.model.expr import Number, Symbol
from glutarium.model.spec import Flux, ModelSpec, Observable, Parameter, State

if TYPE_CHECKING:
    from collections.abc import Callable

S, K = Symbol("s"), Symbol("k")
SPEC = ModelSpec(
    name="two pools",
    states=(
        State("s", "substrate", "mM", 1.0, 1e-6, scale=K, compartment="c"),
        State("p", "product", "mM", 0.0, 1e-6, compartment="c"),
    ),
    parameters=(Parameter("k", 2.0, "1/h"), Parameter("unused", 1.0, "1")),
    assignments=(("s", Symbol("state:s")), ("p", Symbol("state:p")), ("rate.R", K * S)),
    fluxes=(Flux("R", Symbol("rate.R"), Symbol("rate.R"), {"s": -1.0, "p": 1.0}),),
    observables=(Observable("fast", Symbol("rate.R"), "mM/h"),),
)


def first_state(spec: ModelSpec, **changes: object) -> ModelSpec:
    return replace(spec, states=(replace(spec.states[0], **changes), *spec.states[1:]))  # type: ignore[arg-type]


def flux(spec: ModelSpec, **changes: object) -> ModelSpec:
    return replace(spec, fluxes=(replace(spec.fluxes[0], **changes),))  # type: ignore[arg-type]


def test_ids_follow_the_order_of_arrays() -> None:
    assert SPEC.state_ids == ("s", "p")
    assert SPEC.parameter_ids == ("k", "unused")


def test_a_specification_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        SPEC.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: replace(s, parameters=(Parameter("k", 9.0, "1/h"), s.parameters[1])),
        lambda s: first_state(s, initial=7.0),
        lambda s: first_state(s, atol=1e-3),
        lambda s: first_state(s, name="another name"),
        lambda s: replace(s, name="another model"),
    ],
    ids=["parameter value", "initial value", "tolerance", "state name", "model name"],
)
def test_numbers_and_words_do_not_change_the_hash(
    change: Callable[[ModelSpec], ModelSpec],
) -> None:
    assert change(SPEC).structure_hash() == SPEC.structure_hash()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: replace(s, states=s.states[::-1]),
        lambda s: first_state(s, scale=2.0 * K),
        lambda s: first_state(s, direct=K),
        lambda s: replace(s, parameters=s.parameters[::-1]),
        lambda s: replace(s, parameters=s.parameters[:1]),
        lambda s: replace(s, assignments=(*s.assignments[:2], ("rate.R", K * S * S))),
        lambda s: replace(s, assignments=(*s.assignments, ("more", K))),
        lambda s: flux(s, stoichiometry={"s": -2.0, "p": 1.0}),
        lambda s: flux(s, extent=Number(2.0) * Symbol("rate.R")),
        lambda s: flux(s, id="R2"),
        lambda s: replace(s, observables=(Observable("fast", K, "1/h"),)),
        lambda s: replace(s, observables=()),
    ],
    ids=[
        "order of states",
        "scale",
        "direct rate",
        "order of parameters",
        "fewer parameters",
        "rate law",
        "more assignments",
        "stoichiometry",
        "extent",
        "flux id",
        "observable",
        "fewer observables",
    ],
)
def test_structure_changes_the_hash(change: Callable[[ModelSpec], ModelSpec]) -> None:
    assert change(SPEC).structure_hash() != SPEC.structure_hash()


def test_the_order_of_a_stoichiometry_does_not_count() -> None:
    turned = flux(SPEC, stoichiometry={"p": 1.0, "s": -1.0})
    assert turned.structure_hash() == SPEC.structure_hash()


def test_a_sound_specification_misses_nothing() -> None:
    assert SPEC.undefined() == frozenset()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: first_state(s, scale=Symbol("ghost")),
        lambda s: first_state(s, direct=Symbol("ghost")),
        lambda s: replace(s, assignments=(*s.assignments, ("more", Symbol("ghost")))),
        lambda s: flux(s, extent=Symbol("ghost")),
        lambda s: flux(s, rate=Symbol("ghost")),
        lambda s: replace(s, observables=(Observable("o", Symbol("ghost"), "1"),)),
        lambda s: replace(s, observables=(Observable("o", Symbol("state:ghost"), "1"),)),
    ],
    ids=["scale", "direct", "assignment", "extent", "rate", "observable", "state"],
)
def test_every_use_of_an_unknown_symbol_is_seen(
    change: Callable[[ModelSpec], ModelSpec],
) -> None:
    assert change(SPEC).undefined() in ({"ghost"}, {"state:ghost"})


def test_an_assignment_may_only_use_earlier_ones() -> None:
    turned = replace(SPEC, assignments=SPEC.assignments[::-1])
    assert turned.undefined() == {"s"}


def test_time_is_known() -> None:
    assert flux(SPEC, extent=Symbol("time")).undefined() == frozenset()

"""Nothing is consumed by a rate that does not depend on it, so no pool can be driven below zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glutarium.model.expr import evaluate, symbols
from glutarium.model.member import nominal_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.model.expr import Expr
    from glutarium.model.network import Network
    from glutarium.model.spec import Flux, ModelSpec


def all_symbols(expr: Expr, assigned: Mapping[str, Expr]) -> set[str]:
    """Symbols of an expression and of what it is assigned from."""
    found: set[str] = set()
    queue = list(symbols(expr))
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += symbols(assigned[name]) if name in assigned else ()
    return found


def accreted(network: Network, flux: Flux) -> bool:
    """Whether a reaction keeps a moiety per dry mass; its rate is the growth rate."""
    return network.reactions[flux.id].law == "accretion"


def consumed(spec: ModelSpec, flux: Flux) -> list[str]:
    """States that a flux takes from in the direction in which it is written."""
    may_be_negative = {s.id for s in spec.states if not s.positive}
    return [s for s, n in flux.stoichiometry.items() if n < 0 and s not in may_be_negative]


def test_every_reaction_depends_on_what_it_consumes(spec: ModelSpec, network: Network) -> None:
    assigned = dict(spec.assignments)
    wrong = [
        f"{flux.id} consumes {s}"
        for flux in spec.fluxes
        if not accreted(network, flux)
        for s in consumed(spec, flux)
        if f"state:{s}" not in all_symbols(flux.rate, assigned)
    ]
    assert wrong == []


def test_a_reversible_reaction_depends_on_its_products(spec: ModelSpec, network: Network) -> None:
    assigned = dict(spec.assignments)
    positive = {s.id for s in spec.states if s.positive}
    wrong = [
        f"{flux.id} consumes {s} when it runs backwards"
        for flux in spec.fluxes
        if network.reactions[flux.id].reversible and network.reactions[flux.id].law == "modular"
        for s, n in flux.stoichiometry.items()
        if n > 0 and s in positive and f"state:{s}" not in all_symbols(flux.rate, assigned)
    ]
    assert wrong == []


def taken(cell: ModelSpec, network: Network, species: str, share: float) -> dict[str, float]:
    """What reactions take from a species, mmol/gDW/h, when it is at a share of its reference."""
    initial = {s.id: s.initial for s in cell.states}
    values = nominal_values(cell, {}, initial | {species: share * initial[species]})
    return {
        flux.id: -flux.stoichiometry[species] * evaluate(flux.rate, values)
        for flux in cell.fluxes
        if flux.stoichiometry.get(species) and not accreted(network, flux)
    }


def test_next_to_nothing_is_taken_from_next_to_nothing(cell: ModelSpec, network: Network) -> None:
    """Whatever the direction: consumption vanishes with the pool, so the pool ends at zero."""
    wrong = []
    filled = [s.id for s in cell.states if s.formula and s.positive and s.initial > 0.0]
    assert len(filled) > 120
    for species in filled:
        usual = taken(cell, network, species, 1.0)
        for flux, amount in taken(cell, network, species, 1e-9).items():
            if amount > 1e-4 * abs(usual[flux]):
                wrong.append(f"{flux} takes {amount:.3g} of {species}, usually {usual[flux]:.3g}")
    assert wrong == []


def test_what_accretion_consumes_limits_growth(spec: ModelSpec, network: Network) -> None:
    """Cofactors are made for new dry mass, which cannot be made without the same precursors."""
    assigned = dict(spec.assignments)
    growing = all_symbols(assigned["growth_rate"], assigned)
    wrong = [
        f"{flux.id} consumes {s}"
        for flux in spec.fluxes
        if accreted(network, flux)
        for s in consumed(spec, flux)
        if f"state:{s}" not in growing
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["GLS", "GLUT1"])
def test_a_rate_that_ignores_its_substrate_would_be_seen(
    spec: ModelSpec, network: Network, name: str
) -> None:
    from dataclasses import replace

    from glutarium.model.expr import Number

    (flux,) = (f for f in spec.fluxes if f.id == name)
    broken = replace(
        spec,
        fluxes=tuple(replace(f, rate=Number(1.0)) if f is flux else f for f in spec.fluxes),
    )
    with pytest.raises(AssertionError, match=f"{name} consumes"):
        test_every_reaction_depends_on_what_it_consumes(broken, network)

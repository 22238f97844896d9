"""Protons: the pH of medium and cytosol as states with a buffer.

The concentration of protons is far below what reactions move, so the state is the pH, and the buffer
of the compartment (bicarbonate in equilibrium with the gas phase, phosphate, protein) says how far the
protons that reactions release move it. A compartment has such a state where the constants
``pH.<compartment>`` and ``buffer.<compartment>`` are recorded; elsewhere protons are held.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from glutarium.model import laws
from glutarium.model.expr import Exp, Expr, Number, Symbol, total
from glutarium.model.spec import State
from glutarium.units import convert

if TYPE_CHECKING:
    from glutarium.model.network import Network

__all__ = ["compartments", "proton_assignments", "proton_states", "protons_at"]

# A hundredth of a pH unit matters to nothing.
ATOL = 1e-5
_PLACE = {"e": "medium", "c": "cytosol"}


def compartments(network: Network) -> tuple[str, ...]:
    """Compartments whose pH is a state."""
    return tuple(c for c in _PLACE if f"buffer.{c}" in network.constants)


def protons_at(ph: float) -> float:
    """Concentration of protons at a pH, mM."""
    return float(10.0**-ph * convert(1.0, "M", "mM"))


def proton_states(network: Network) -> tuple[State, ...]:
    """One state ``pH_<compartment>`` per buffered compartment."""
    return tuple(_state(c, network) for c in compartments(network))


def proton_assignments(network: Network) -> list[tuple[str, Expr]]:
    """The pH and the concentration of protons that belongs to it, mM."""
    rows: list[tuple[str, Expr]] = []
    for c in compartments(network):
        ph = Symbol(f"state:pH_{c}")
        millimolar = convert(1.0, "M", "mM")
        rows.append((f"pH_{c}", ph))
        rows.append((f"h_{c}", Number(millimolar) * Exp(Number(-math.log(10.0)) * ph)))
    return rows


def _state(compartment: str, network: Network) -> State:
    buffer = Symbol(f"buffer.{compartment}")
    released = _released(compartment, network)
    direct: Expr
    if compartment == "e":
        outside = Symbol("dish.density") * laws.MASS * (1.0 - laws.PER_MASS)
        direct = -(released * outside / buffer)
    else:
        volume = Symbol(f"volume.{compartment}") * convert(1.0, "mL", "L")
        direct = -(released / (buffer * volume))
    return State(
        id=f"pH_{compartment}",
        name=f"pH ({_PLACE[compartment]})",
        unit="1",
        initial=network.constants[f"pH.{compartment}"].value,
        atol=ATOL,
        direct=direct,
        positive=False,
    )


def _released(compartment: str, network: Network) -> Expr:
    """Net release of protons by the cell's reactions, mmol/gDW/h."""
    proton = f"h_{compartment}"
    terms = [
        Number(r.stoichiometry[proton]) * laws.rate_symbol(r.id)
        for r in network.reactions.values()
        if proton in r.stoichiometry
    ]
    return total(terms)

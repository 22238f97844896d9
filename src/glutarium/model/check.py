"""What must hold in a model whatever its numbers are: balance, thermodynamics, conservation.

:func:`check_spec` reports and changes nothing. Balance and moieties are read from the network;
equilibrium and the conservation of the dish are tried out on the rate expressions themselves, at
random states, doses and membrane potentials, so a transform that breaks them is found as well.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glutarium.knowledge.balance import TOLERANCE
from glutarium.model.expr import evaluate
from glutarium.model.laws import PER_MASS, POTENTIAL, rate_symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from glutarium.model.expr import Expr
    from glutarium.model.network import Network, Reaction
    from glutarium.model.spec import ModelSpec

__all__ = ["Finding", "check_spec"]

# Departures from equilibrium, as Q / Keq, at which the direction of a rate is looked at.
_DEPARTURES = (0.01, 0.5, 2.0, 100.0)
_CHARGE = "charge"
_MOIETY = "moiety:"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold.

    Attributes
    ----------
    check
        ``balance``, ``moiety``, ``symbols``, ``equilibrium`` or ``conservation``.
    subject
        Reaction, symbol or element that it is about.
    message
        What was found, with amounts.
    """

    check: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.message} ({self.check})"


def check_spec(
    spec: ModelSpec, network: Network, *, seed: int = 0, points: int = 3
) -> list[Finding]:
    """Check a specification against the network that it was made from.

    Parameters
    ----------
    spec
        The specification; its parameter values are used.
    network
        Equations, formulas and constants of its reactions.
    seed
        Of the random states; the same seed gives the same findings.
    points
        How many random states are tried.

    Returns
    -------
    list of Finding
        Empty for a sound model. Undefined symbols hide what would have to be evaluated.
    """
    found = [*_balance(network), *_moieties(network), *_undefined(spec)]
    if not spec.undefined():
        random = np.random.default_rng(seed)
        for _ in range(points):
            values = _random_values(spec, network, random)
            found += [*_equilibrium(spec, network, values), *_conservation(spec, network, values)]
    return list({(f.check, f.subject): f for f in reversed(found)}.values())[::-1]


# --------------------------------------------------------------------------- read from the network


def _balance(network: Network) -> Iterator[Finding]:
    for reaction in network.reactions.values():
        for part, excess in _excess(reaction, network).items():
            unit = "elementary charges" if part == _CHARGE else f"atoms of {part}"
            message = f"products have {excess:+.6g} {unit} against substrates, per turnover"
            yield Finding("balance", f"{reaction.id} {part}", message)


def _excess(reaction: Reaction, network: Network) -> dict[str, float]:
    """Element or ``charge`` → what products have more than substrates, beyond rounding."""
    net: defaultdict[str, float] = defaultdict(float)
    moved: defaultdict[str, float] = defaultdict(float)
    for species, n in reaction.stoichiometry.items():
        substance = network.substances[species]
        for part, count in {**substance.formula, _CHARGE: substance.charge}.items():
            net[part] += n * count
            moved[part] += abs(n * count)
    return {part: x for part, x in net.items() if abs(x) > TOLERANCE * max(1.0, moved[part])}


def _moieties(network: Network) -> Iterator[Finding]:
    """A conserved sum is changed by its own accretion only, and by one copy."""
    for keeper in network.reactions.values():
        weights = {
            name.partition(":")[2]: recorded.value
            for name, recorded in keeper.constants.items()
            if name.startswith(_MOIETY)
        }
        for reaction in network.reactions.values() if weights else ():
            change = sum(w * reaction.stoichiometry.get(s, 0.0) for s, w in weights.items())
            expected = 1.0 if reaction is keeper else 0.0
            if abs(change - expected) > TOLERANCE:
                sums = " + ".join(weights)
                message = f"changes {sums} by {change:+.6g} per turnover; {expected:g} is expected"
                yield Finding("moiety", f"{reaction.id} {keeper.id}", message)


def _undefined(spec: ModelSpec) -> Iterator[Finding]:
    for name in sorted(spec.undefined()):
        yield Finding("symbols", name, "is used, but no state, parameter or assignment defines it")


# --------------------------------------------------------------------------- tried at random states


def _random_values(
    spec: ModelSpec, network: Network, random: np.random.Generator
) -> dict[str, float]:
    """Values of all symbols at a random positive state with every drug given."""

    def around(value: float, spread: float) -> float:
        """Random positive number; zero (absent drug, empty pool) becomes a share of one."""
        size = random.lognormal(0.0, spread)
        return float(value * size if value else random.uniform(0.1, 0.9))

    values = {p.id: p.value or around(0.0, 0.0) for p in spec.parameters} | {"time": 0.0}
    values[PER_MASS.name] = 0.0  # a cell seen per mass lives off a medium that never changes
    for s in spec.states:
        values[f"state:{s.id}"] = around(s.initial, 0.3 if s.compartment == "x" else 1.0)
    for name, expr in spec.assignments:
        values[name] = evaluate(expr, values)
    held = (s.id for s in network.substances.values() if s.buffered and s.id in values)
    return values | {s: around(0.0, 0.0) for s in held}


class _Poise(NamedTuple):
    """How to set the mass-action ratio of a reaction: ``Q / Keq = (c / balance) ** order``."""

    species: str
    balance: float
    order: float


def _equilibrium(
    spec: ModelSpec, network: Network, values: Mapping[str, float]
) -> Iterator[Finding]:
    """The rate of a reversible reaction vanishes at Q = Keq and has the sign of Keq - Q elsewhere."""
    assigned = dict(spec.assignments)
    rates = {f.id: assigned.get(rate_symbol(f.id).name, f.rate) for f in spec.fluxes}
    for reaction in network.reactions.values():
        if not reaction.reversible or reaction.id not in rates:
            continue
        poise = _poise(reaction, network, values)
        if poise is None:
            message = "is reversible, but has no equilibrium constant"
        else:
            message = _direction(rates[reaction.id], poise, values)
        if message:
            yield Finding("equilibrium", reaction.id, message)


def _poise(reaction: Reaction, network: Network, values: Mapping[str, float]) -> _Poise | None:
    """Which species to move and where it is at equilibrium; None without an equilibrium constant."""
    if reaction.law == "gas":
        species = next(s for s in reaction.stoichiometry if not s.endswith("_g"))
        equilibrium = values[f"gas.{species.rpartition('_')[0]}"]
        return _Poise(species, equilibrium, reaction.stoichiometry[species])
    if f"keq.{reaction.id}" not in values:
        return None
    orders = {
        s: n
        for s, n in reaction.stoichiometry.items()
        if not network.substances[s].buffered or reaction.km(s) is not None
    }
    log_ratio = sum(n * np.log(values[s]) for s, n in orders.items())
    log_keq = np.log(values[f"keq.{reaction.id}"])
    if reaction.charge_into_matrix:
        departure = values[POTENTIAL.name] - values["potential.reference"]
        log_keq += reaction.charge_into_matrix * departure
    moved, order = list(orders.items())[-1]
    return _Poise(moved, float(values[moved] * np.exp((log_keq - log_ratio) / order)), order)


def _direction(rate: Expr, poise: _Poise, values: Mapping[str, float]) -> str:
    """What is wrong with a rate around equilibrium; empty when nothing is."""

    def at(departure: float) -> float:
        moved = poise.balance * departure ** (1.0 / poise.order)
        return evaluate(rate, {**values, poise.species: moved})

    speeds = {departure: at(departure) for departure in _DEPARTURES}
    rest = at(1.0)
    if not abs(rest) <= TOLERANCE * max(map(abs, speeds.values())):
        return f"runs at {rest:.3g} mmol/gDW/h where Q = Keq ({_shown(speeds)})"
    wrong = {q: v for q, v in speeds.items() if not v * (1.0 - q) > 0.0}
    return f"does not run towards equilibrium ({_shown(wrong)})" if wrong else ""


def _shown(speeds: Mapping[float, float]) -> str:
    return ", ".join(f"{v:.3g} at Q = {q:g} Keq" for q, v in speeds.items())


def _conservation(
    spec: ModelSpec, network: Network, values: Mapping[str, float]
) -> Iterator[Finding]:
    """Atoms that no buffered species carries are conserved in dish, cells and surroundings."""
    extents = {f.id: evaluate(f.extent, values) for f in spec.fluxes}
    produced: defaultdict[str, float] = defaultdict(float)
    for flux in spec.fluxes:
        for state, n in flux.stoichiometry.items():
            produced[state] += n * extents[flux.id]
    gain: defaultdict[str, float] = defaultdict(float)
    moved: defaultdict[str, float] = defaultdict(float)
    for s in spec.states:
        rate = evaluate(s.scale, values) * produced[s.id] + evaluate(s.direct, values)
        amount = evaluate(s.amount_per_unit, values) * rate
        for element, count in s.formula.items():
            gain[element] += count * amount
            moved[element] += abs(count * amount)
    for element in _kept(network, moved):
        if not abs(gain[element]) <= TOLERANCE * moved[element]:
            message = f"the dish gains {gain[element]:.3g} of {moved[element]:.3g} mmol/L/h moved"
            yield Finding("conservation", element, message)


def _kept(network: Network, elements: Iterable[str]) -> Iterator[str]:
    held = {e for s in network.substances.values() if s.buffered for e in s.formula}
    return (e for e in elements if e not in held)

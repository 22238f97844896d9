"""Rate laws: from a reaction's records to an expression for its specific rate, mmol/gDW/h.

Laws
----
``modular``
    Common modular rate law (Liebermeister 2010). Reversible: kinetic orders are the stoichiometric
    coefficients and the reverse term carries the equilibrium constant, so the rate vanishes exactly where
    the mass-action ratio equals it. Irreversible: order one in every substrate that has a Km, products
    with a Km compete.
``synthesis``
    Polymerisation: resistances ``K/x`` in series, of everything that has a Km; that may be a carrier of
    energy (GTP) that the equation charges to another one.
``decay``
    First order in the first substrate, saturating in substrates that have a Km.
``accretion``
    Keeps a conserved total per dry mass while the cell grows: content times growth rate.
``gas``
    Exchange of the dish with the gas phase.
``medium_enzyme``
    Michaelis-Menten in the medium, driven by a drug that is an enzyme.
``medium_oxidation``
    First order in the first substrate, saturating in oxygen; spontaneous, in the medium.

A reaction that moves charge across the inner mitochondrial membrane feels the membrane potential
through its equilibrium constant. Sodium, chloride and (where they have a Km) protons are co-substrates
like any other; the potential of the plasma membrane, which is held, stands in the equilibrium constants
of the carriers that move charge across it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.errors import ModelError
from glutarium.model.expr import Exp, Expr, Number, Symbol, product, total
from glutarium.model.genes import availability, capacity
from glutarium.model.modifiers import VANISHED, effector_of, modifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.model.network import Network, Reaction

__all__ = [
    "GROWTH",
    "MASS",
    "PER_MASS",
    "POTENTIAL",
    "SHARE",
    "backward_rate",
    "rate_symbol",
    "reaction_rate",
    "steered",
]

MASS = Symbol("mass")
GROWTH = Symbol("growth_rate")
PER_MASS = Symbol("per_mass")
SHARE = Symbol("dish.share")
"""Share of what runs in the medium that falls to one cell of those around it."""
POTENTIAL = Symbol("psi_x")
AFFINITY = "affinity"
RIVAL = "against:"
"""Kind of an effector that competes with one substrate, which follows: ``against:glu_c``."""


def rate_symbol(reaction: str) -> Symbol:
    """Symbol of a reaction's specific rate."""
    return Symbol(f"rate.{reaction}")


def reaction_rate(reaction: Reaction, network: Network, competition: Mapping[str, Expr]) -> Expr:
    """Specific rate of a reaction, mmol/gDW/h.

    Parameters
    ----------
    reaction
        The reaction with its records.
    network
        Where buffered species are known.
    competition
        Species id → factor by which a competitive drug raises its Km in this reaction.

    Raises
    ------
    ModelError
        If the law is unknown or lacks a constant.
    """
    builders = {
        "modular": _modular,
        "synthesis": _synthesis,
        "decay": _decay,
        "accretion": _accretion,
        "gas": _gas,
        "medium_enzyme": _medium_enzyme,
        "medium_oxidation": _medium_oxidation,
    }
    if reaction.law not in builders:
        message = f"Reaction {reaction.id}: law {reaction.law!r} is none of {', '.join(builders)}"
        raise ModelError(message)
    rate = builders[reaction.law](reaction, network, competition)
    return product([rate, *steered(reaction.id, network)])


def backward_rate(
    reaction: Reaction, network: Network, competition: Mapping[str, Expr]
) -> Expr | None:
    """Gross rate of the reverse leg of a reversible modular reaction, mmol/gDW/h; else None.

    The forward leg is the net rate plus this one.
    """
    if reaction.law != "modular" or not reaction.reversible:
        return None
    forward, bound = _forward(reaction, competition)
    field = _field(reaction)
    top = field * _reverse(reaction, network, forward, competition)
    rate = product([*_prefix(reaction), top]) / (bound + field * _held(reaction, competition))
    return product([rate, *steered(reaction.id, network)])


def steered(reaction: str, network: Network) -> list[Expr]:
    """Activity of the node that a reaction's rate follows, if there is one; 1 at reference."""
    return [availability(reaction)] if reaction in network.steered else []


def _prefix(reaction: Reaction) -> list[Expr]:
    acting = (e for e in reaction.effects if e.kind != AFFINITY and not e.kind.startswith(RIVAL))
    modifiers = [modifier(reaction.id, e) for e in acting]
    return [Symbol(f"vmax.{reaction.id}"), capacity(reaction.genes), *modifiers]


def _saturation(
    reaction: Reaction, species: tuple[str, ...], competition: Mapping[str, Expr]
) -> dict[str, Expr]:
    """``x/K`` of the species that have a Michaelis constant."""
    return {
        s: Symbol(s) / _km(reaction, s, competition) for s in species if reaction.km(s) is not None
    }


def _modular(reaction: Reaction, network: Network, competition: Mapping[str, Expr]) -> Expr:
    order = _orders(reaction)
    forward, bound = _forward(reaction, competition)
    top = product(_power(x, order[s]) for s, x in forward.items())
    back = _held(reaction, competition)
    if reaction.reversible:
        field = _field(reaction)
        top = top - field * _reverse(reaction, network, forward, competition)
        back = field * back
    if not forward:
        return product(_prefix(reaction))
    competes = any(reaction.km(s) is not None for s in reaction.products)
    return product([*_prefix(reaction), top]) / (bound + back if competes else bound)


def _forward(reaction: Reaction, competition: Mapping[str, Expr]) -> tuple[dict[str, Expr], Expr]:
    """Saturation by substrates, and what binds of them, the free carrier included."""
    order = _orders(reaction)
    forward = _saturation(reaction, reaction.substrates, competition)
    return forward, product(_power(1.0 + x, order[s]) for s, x in forward.items())


def _held(reaction: Reaction, competition: Mapping[str, Expr]) -> Expr:
    """What binds of the products, without the free carrier."""
    order = _orders(reaction)
    backward = _saturation(reaction, reaction.products, competition)
    return product(_power(1.0 + x, order[s]) for s, x in backward.items()) - 1.0


def _orders(reaction: Reaction) -> dict[str, float]:
    if reaction.reversible:
        return {s: abs(n) for s, n in reaction.stoichiometry.items()}
    return dict.fromkeys(reaction.stoichiometry, 1.0)


def _power(base: Expr, order: float) -> Expr:
    return base if order == 1.0 else base**order


def _field(reaction: Reaction) -> Expr:
    """Factor on the reverse reaction when the membrane potential departs from its reference."""
    charge = reaction.charge_into_matrix
    if charge == 0.0:
        return Number(1.0)
    return Exp(Number(-charge) * (POTENTIAL - Symbol("potential.reference")))


def _reverse(
    reaction: Reaction,
    network: Network,
    forward: Mapping[str, Expr],
    competition: Mapping[str, Expr],
) -> Expr:
    """Products over the equilibrium constant, scaled like the substrate term (Haldane relation)."""
    order = _orders(reaction)
    silent = {s for s in reaction.stoichiometry if network.substances[s].buffered}
    products = [s for s in reaction.products if s not in silent or reaction.km(s) is not None]
    missing = [s for s in products if reaction.km(s) is None]
    missing += [s for s in reaction.substrates if s not in forward and s not in silent]
    if missing or "keq" not in reaction.constants:
        message = (
            f"Reversible reaction {reaction.id} needs keq and a km of every species; "
            f"missing: {', '.join(missing) or 'keq'} (kinetics.tsv)"
        )
        raise ModelError(message)
    scale = product(_power(_km(reaction, s, competition), order[s]) for s in forward)
    ratio = product(_power(Symbol(s), order[s]) for s in products)
    return ratio / (Symbol(f"keq.{reaction.id}") * scale)


def _km(reaction: Reaction, species: str, competition: Mapping[str, Expr]) -> Expr:
    """Michaelis constant, raised by competitive drugs and by metabolites that compete for the site.

    Where an effector improves the affinity of a carrier, ``K (1 + k / x)`` takes its place for the
    substrates in the medium: ``K`` is the constant of the carrier that holds the effector. Ions bind
    to sites of their own, whose constants stay.
    """
    km: Expr = Symbol(f"km.{reaction.id}.{species}")
    for effect in reaction.effects:
        if effect.kind == AFFINITY and species.endswith("_e") and species not in reaction.ions:
            k = Symbol(f"mod.{reaction.id}.{effect.effector}")
            km = km * (1.0 + k / effector_of(effect.effector))
        if effect.kind == RIVAL + species:
            k = Symbol(f"mod.{reaction.id}.{effect.effector}")
            km = km * (1.0 + effector_of(effect.effector) / k)
    return km * competition[species] if species in competition else km


def _synthesis(reaction: Reaction, network: Network, competition: Mapping[str, Expr]) -> Expr:
    del network, competition
    needed = [name.partition(":")[2] for name in reaction.constants if name.startswith("km:")]
    there = {s: Symbol(s) + VANISHED for s in needed}
    resistance = total(Symbol(f"km.{reaction.id}.{s}") / there[s] for s in needed)
    # One while a precursor is there; takes the pole beside nothing away from one that is used up.
    held = product(Symbol(s) / there[s] for s in needed)
    return product(_prefix(reaction)) * held / (1.0 + resistance)


def _decay(reaction: Reaction, network: Network, competition: Mapping[str, Expr]) -> Expr:
    del network
    first, *others = reaction.substrates
    terms = _saturation(reaction, tuple(others), competition)
    saturating = [x / (1.0 + x) for x in terms.values()]
    return product([*_prefix(reaction), Symbol(first), *saturating])


def _accretion(reaction: Reaction, network: Network, competition: Mapping[str, Expr]) -> Expr:
    del network, competition
    return Symbol(f"content.{reaction.id}") * GROWTH


def _gas(reaction: Reaction, network: Network, competition: Mapping[str, Expr]) -> Expr:
    """Extent per gDW at time zero; ``assemble`` does not multiply it by dry mass."""
    del network, competition
    gas, dissolved = (s for s in reaction.stoichiometry if s.endswith(("_g", "_e")))
    into_medium = gas.endswith("_g")
    species = dissolved if into_medium else gas
    metabolite = species.rpartition("_")[0]
    gap = Symbol(f"gas.{metabolite}") - Symbol(species)
    signed = gap if into_medium else -gap
    return Symbol(f"transfer.{reaction.id}") * signed / Symbol("dish.density")


def _medium_enzyme(reaction: Reaction, network: Network, competition: Mapping[str, Expr]) -> Expr:
    del network, competition
    substrate = Symbol(reaction.substrates[0])
    speed, km = Symbol(f"hydrolysis.{reaction.id}.speed"), Symbol(f"hydrolysis.{reaction.id}.km")
    return speed * substrate / (km + substrate) / Symbol("dish.density")


def _medium_oxidation(
    reaction: Reaction, network: Network, competition: Mapping[str, Expr]
) -> Expr:
    del network
    first, *others = reaction.substrates
    terms = _saturation(reaction, tuple(others), competition)
    speed = Symbol(f"speed.{reaction.id}") * Symbol(first) / Symbol("dish.density")
    return product([speed, *(x / (1.0 + x) for x in terms.values())])

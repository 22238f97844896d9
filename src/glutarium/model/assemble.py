"""From the network's records to the base :class:`ModelSpec`: states, parameters, equations.

The parameter ``per_mass`` turns the growing dish (0) into one cell in balanced growth (1): what is in the
cell is then seen per unit of its mass, which growth dilutes, and what is outside stands still.

The spec is structure with nominal numbers; a member of the ensemble (:mod:`glutarium.model.member`) and
the transforms of an arm replace parameter and initial values only.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from glutarium.model import drugs, laws, protons
from glutarium.model.expr import Expr, Number, Symbol, total
from glutarium.model.genes import availability, unblocked
from glutarium.model.parameters import parameters
from glutarium.model.regulation import equations as regulation
from glutarium.model.spec import Flux, ModelSpec, Observable, State
from glutarium.units import convert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network, Reaction, Substance

__all__ = ["OUTSIDE", "assemble", "dish_level"]

# Tolerance of a state relative to its reference amount; see docs/engine.md.
RELATIVE_ATOL = 1e-6
POTENTIAL_STATE = "psi_x"
# Compartments around the cell; seen per mass of cells, they stand still.
OUTSIDE = ("e", "g")


def dish_level(reaction: Reaction) -> bool:
    """Whether a reaction runs in the dish rather than in the cells."""
    return reaction.law in {"gas", "medium_enzyme", "medium_oxidation"}


def assemble(base: KnowledgeBase, network: Network) -> ModelSpec:
    """Build the base specification of one cell in its dish.

    Parameters
    ----------
    base
        The knowledge base; drug targets are read from it.
    network
        The joined network.

    Returns
    -------
    ModelSpec
        Pools in mM at the cell volume of time zero, macromolecules in mmol/gDW of time zero, the
        medium in mM; fluxes in mmol/gDW/h; time in hours.
    """
    targets = drugs.load_targets(base, network)
    rates = {
        r.id: laws.reaction_rate(r, network, drugs.competitors(r, targets))
        for r in network.reactions.values()
    }
    return ModelSpec(
        name="cell",
        states=_states(network, targets),
        parameters=parameters(base, network, targets),
        assignments=tuple(_assignments(network, targets, rates)),
        fluxes=tuple(_flux(r, network) for r in network.reactions.values()),
        observables=(
            *_observables(network),
            *regulation.observables(network, targets),
            *_legs(network, targets),
            *_free(network, targets),
        ),
    )


def _states(network: Network, targets: tuple[drugs.Target, ...]) -> tuple[State, ...]:
    matter = [_matter(network.substances[s], network) for s in network.dynamic]
    inner = (*protons.proton_states(network), _potential(network))
    held = (_occupancy(t, network) for t in targets if t.occupancy)
    return (*matter, *inner, *held, *regulation.states(network, targets))


def _matter(substance: Substance, network: Network) -> State:
    pool = network.pools.get(substance.id)
    reference = 0.0 if pool is None else pool.value
    scale, amount = _volume_factors(substance.compartment)
    in_cell = substance.compartment not in OUTSIDE
    return State(
        id=substance.id,
        name=f"{substance.name} ({_PLACE[substance.compartment]})",
        unit="mmol/gDW" if substance.compartment == "b" else "mM",
        initial=reference,
        atol=RELATIVE_ATOL * max(reference, _SMALLEST[substance.compartment]),
        scale=scale if in_cell else scale * (1.0 - laws.PER_MASS),
        dilution=laws.PER_MASS * laws.GROWTH if in_cell else Number(0.0),
        formula=substance.formula,
        charge=substance.charge,
        compartment=substance.compartment,
        amount_per_unit=amount,
        positive=substance.compartment != "g",
    )


_PLACE = {
    "e": "medium",
    "c": "cytosol",
    "m": "matrix",
    "b": "biomass",
    "g": "ledger of the surroundings",
}
# Amount below which a pool counts as nothing, in the unit of its compartment (tolerances only).
_SMALLEST = {"e": 1e-3, "c": 1e-6, "m": 1e-6, "b": 1e-4, "g": 1e-3}


def _volume_factors(compartment: str) -> tuple[Expr, Expr]:
    """Scale from mmol/gDW/h to the state's unit, and mmol per litre of dish for one unit of it."""
    density = Symbol("dish.density")
    if compartment in {"c", "m"}:
        volume = Symbol(f"volume.{compartment}") * convert(1.0, "mL", "L")
        return 1.0 / volume, volume * density
    if compartment == "b":
        return Number(1.0), density
    return density, Number(1.0)


def _potential(network: Network) -> State:
    moved = [
        Number(r.charge_into_matrix) * laws.rate_symbol(r.id)
        for r in network.reactions.values()
        if r.charge_into_matrix != 0.0
    ]
    return State(
        id=POTENTIAL_STATE,
        name="potential across the inner mitochondrial membrane",
        unit="RT/F",
        initial=network.constants["potential.reference"].value,
        atol=RELATIVE_ATOL,
        direct=-(total(moved) / Symbol("potential.capacity")),
        positive=False,
    )


def _occupancy(target: drugs.Target, network: Network) -> State:
    assert target.occupancy is not None
    return State(
        id=target.occupancy,
        name=f"share of {target.target} held by {target.drug}",
        unit="1",
        initial=0.0,
        atol=RELATIVE_ATOL,
        direct=drugs.occupancy_rate(target, drugs.shielded(target, network)),
        positive=False,
    )


def _assignments(
    network: Network, targets: tuple[drugs.Target, ...], rates: dict[str, Expr]
) -> list[tuple[str, Expr]]:
    macromolecules = network.in_compartment("b")
    mass = total(Symbol(f"weight.{s}") * Symbol(f"state:{s}") for s in macromolecules)
    rows: list[tuple[str, Expr]] = [(laws.MASS.name, mass)]
    rows += [(s, _concentration(network.substances[s])) for s in network.dynamic]
    rows.append((POTENTIAL_STATE, Symbol(f"state:{POTENTIAL_STATE}")))
    rows += [
        (t.occupancy, Symbol(f"state:{t.occupancy}")) for t in targets if t.occupancy is not None
    ]
    rows += protons.proton_assignments(network)
    rows += _held_in_medium(network, targets)
    rows += regulation.assignments(network, targets)
    rows += _hydrolysis(network, targets)
    rows += [(f"rate.{i}", e) for i, e in rates.items() if network.reactions[i].law != "accretion"]
    rows.append((laws.GROWTH.name, _growth(network)))
    rows += [(f"rate.{i}", e) for i, e in rates.items() if network.reactions[i].law == "accretion"]
    return rows


def _concentration(substance: Substance) -> Expr:
    state = Symbol(f"state:{substance.id}")
    return state / laws.MASS if substance.compartment in {"c", "m", "b"} else state


def _held_in_medium(network: Network, targets: tuple[drugs.Target, ...]) -> list[tuple[str, Expr]]:
    """Buffered species of the medium that a drug of mode ``source`` sets."""
    micromolar = convert(1.0, "uM", "mM")
    doses: dict[str, Expr] = defaultdict(lambda: Number(0.0))
    for t in targets:
        if t.mode == "source":
            doses[t.target] = drugs.concentration(t) * micromolar
    kinetic = [
        s for r in network.reactions.values() for s in r.stoichiometry if r.km(s) is not None
    ]
    states = {f"h_{c}" for c in protons.compartments(network)}
    used = (s for s in dict.fromkeys(kinetic) if s not in states)
    return [(s, doses[s]) for s in used if network.substances[s].buffered]


def _hydrolysis(network: Network, targets: tuple[drugs.Target, ...]) -> list[tuple[str, Expr]]:
    rows: list[tuple[str, Expr]] = []
    for reaction in network.reactions.values():
        if reaction.law != "medium_enzyme":
            continue
        acting = [
            t for t in targets if t.mode == "hydrolysis" and t.target == reaction.substrates[0]
        ]
        micromolar = convert(1.0, "uM", "mM")
        speed = [Symbol(f"{t.id}.kcat") * drugs.concentration(t) * micromolar for t in acting]
        km = [Symbol(f"{t.id}.km") for t in acting]
        rows.append((f"hydrolysis.{reaction.id}.speed", total(speed)))
        rows.append((f"hydrolysis.{reaction.id}.km", km[0] if km else Number(1.0)))
    return rows


def _growth(network: Network) -> Expr:
    """Specific growth rate: net accretion of macromolecules, 1/h."""
    terms = [
        Symbol(f"weight.{s}") * Number(n) * laws.rate_symbol(r.id)
        for r in network.reactions.values()
        for s, n in r.stoichiometry.items()
        if network.substances[s].compartment == "b"
    ]
    return total(terms)


def _flux(reaction: Reaction, network: Network) -> Flux:
    rate = laws.rate_symbol(reaction.id)
    return Flux(
        id=reaction.id,
        rate=rate,
        extent=rate * laws.SHARE if dish_level(reaction) else rate * laws.MASS,
        stoichiometry={
            s: n for s, n in reaction.stoichiometry.items() if not network.substances[s].buffered
        },
    )


def _observables(network: Network) -> list[Observable]:
    rows = [
        Observable(laws.GROWTH.name, laws.GROWTH, "1/h"),
        Observable(laws.MASS.name, laws.MASS, "1"),
        Observable(POTENTIAL_STATE, laws.POTENTIAL, "RT/F"),
    ]
    genes = network.genes
    rows += [Observable(f"pH_{c}", Symbol(f"pH_{c}"), "1") for c in protons.compartments(network)]
    rows += [Observable(f"level.{g}", Symbol(f"level.{g}"), "1") for g in genes]
    rows += [Observable(availability(g).name, availability(g), "1") for g in genes]
    macro = set(network.in_compartment("b"))
    rows += [
        Observable(f"conc.{s}", Symbol(s), "mmol/gDW" if s in macro else "mM")
        for s in network.dynamic
    ]
    rows += [Observable(f"rate.{r}", laws.rate_symbol(r), "mmol/gDW/h") for r in network.reactions]
    return rows


def _free(network: Network, targets: tuple[drugs.Target, ...]) -> Iterator[Observable]:
    """Share of each protein that the drugs on it leave free."""
    for gene in dict.fromkeys(t.target for t in targets if t.target in network.genes):
        yield Observable(unblocked(gene).name, unblocked(gene), "1")


def _legs(network: Network, targets: tuple[drugs.Target, ...]) -> Iterator[Observable]:
    """Reverse legs of the carriers that touch the medium: gross fluxes are read from them."""
    for reaction in network.reactions.values():
        if not any(s.endswith("_e") for s in reaction.stoichiometry):
            continue
        back = laws.backward_rate(reaction, network, drugs.competitors(reaction, targets))
        if back is not None:
            yield Observable(f"backward.{reaction.id}", back, "mmol/gDW/h")

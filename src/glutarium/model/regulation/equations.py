"""States and intermediate values of regulation.

A node's activity is what is there (level set by the study, protein, what is done to it) times the
share that no drug blocks. Amounts and responses are states, so nothing acts back on itself within an
instant::

    d mrna / dt    = (factor of transcription - mrna / factor of its lifetime) ln 2 / half-life
    d protein / dt = (mrna * factor of translation - protein / factor of its lifetime) ln 2 / half-life
    d active / dt  = (factor of what acts on it - active) / response time

All are 1 at rest. The living share of the cells falls by the hazards and is refilled by births.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from glutarium.knowledge.regulation_records import ACTIVITY_PROCESSES
from glutarium.model import drugs, laws
from glutarium.model.expr import Expr, Symbol, product, total
from glutarium.model.genes import availability, level, present, unblocked
from glutarium.model.regulation.factors import combined, raw_sensor
from glutarium.model.spec import Observable, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glutarium.model.network import Network
    from glutarium.model.regulators import Regulation

__all__ = ["VIABILITY", "assignments", "net_growth", "observables", "states"]

VIABILITY = "viability"
"""State: living share of the cells that were there at time zero or were born since."""

Targets: TypeAlias = "tuple[drugs.Target, ...]"

_ATOL = 1e-6


def states(network: Network, targets: Targets) -> Iterator[State]:
    """mRNA, proteins, responses and the living share of the cells."""
    regulation = network.regulation
    for node in regulation.nodes:
        if regulation.has_mrna(node):
            yield _state(f"mrna.{node}", f"mRNA of {node}", _mrna(node, regulation, targets))
        if regulation.has_protein(node):
            yield _state(
                f"protein.{node}", f"protein of {node}", _protein(node, regulation, targets)
            )
        if regulation.responds(node):
            yield _state(f"active.{node}", f"activity of {node}", _response(node, regulation))
    if regulation.hazards:
        living = Symbol(f"state:{VIABILITY}")
        hazard = total(_hazard(n.id) for n in regulation.hazards)
        born = laws.GROWTH * (1.0 - living)
        yield _state(VIABILITY, "living share", (born - hazard) * living * (1.0 - laws.PER_MASS))


def _state(name: str, title: str, direct: Expr) -> State:
    return State(id=name, name=title, unit="1", initial=1.0, atol=_ATOL, direct=direct)


def _mrna(node: str, regulation: Regulation, targets: Targets) -> Expr:
    made = _process(node, regulation, targets, "transcription", "splicing")
    lost = _over(Symbol(f"state:mrna.{node}"), node, regulation, targets, "mrna_stability")
    return Symbol(f"turnover.mrna.{node}") * (made - lost)


def _protein(node: str, regulation: Regulation, targets: Targets) -> Expr:
    made = _process(node, regulation, targets, "translation")
    if regulation.has_mrna(node):
        made = Symbol(f"state:mrna.{node}") * made
    lost = _over(Symbol(f"state:protein.{node}"), node, regulation, targets, "stability")
    return Symbol(f"turnover.protein.{node}") * (made - lost)


def settled_mrna(node: str, regulation: Regulation, targets: Targets) -> Expr:
    """MRNA that a node would come to if its regulators stayed as they are."""
    made = _process(node, regulation, targets, "transcription", "splicing")
    return made * _process(node, regulation, targets, "mrna_stability")


def settled_protein(node: str, regulation: Regulation, targets: Targets) -> Expr:
    """Protein that a node would come to if its regulators stayed as they are."""
    made = _process(node, regulation, targets, "translation")
    made = settled_mrna(node, regulation, targets) * made if regulation.has_mrna(node) else made
    return made * _process(node, regulation, targets, "stability")


def _process(node: str, regulation: Regulation, targets: Targets, *processes: str) -> Expr:
    """Factor of edges and drugs on synthesis or lifetime of an amount."""
    edges = combined(regulation.onto(node, *processes))
    drugged = [p for p in processes if (node, p) in regulation.drugged]
    return product([edges, *(drugs.expressed(node, p, targets) for p in drugged)])


def _over(amount: Expr, node: str, regulation: Regulation, targets: Targets, process: str) -> Expr:
    """Loss of an amount, slower by what prolongs its life."""
    if not regulation.changes(node, process):
        return amount
    return amount / _process(node, regulation, targets, process)


def _response(node: str, regulation: Regulation) -> Expr:
    wanted = combined(regulation.onto(node, *ACTIVITY_PROCESSES))
    return Symbol(f"turnover.active.{node}") * (wanted - Symbol(f"state:active.{node}"))


def _hazard(node: str) -> Expr:
    return Symbol(f"basal.{node}") * availability(node)


def assignments(network: Network, targets: Targets) -> Iterator[tuple[str, Expr]]:
    """Values of the states, then amount and activity of every node and gene."""
    regulation = network.regulation
    for state in states(network, targets):
        yield state.id, Symbol(f"state:{state.id}")
    for sensor in regulation.sensors.values():
        yield f"raw.{sensor.node}", raw_sensor(sensor)
    # What sets drugs free goes first, because the drugs' other targets see their dose through it.
    freeing = (t.activator for t in targets if t.activator)
    for name in dict.fromkeys((*freeing, *network.genes, *regulation.nodes)):
        yield unblocked(name).name, drugs.remaining(name, targets)
        yield present(name).name, _amount(name, regulation, targets)
        yield availability(name).name, present(name) * unblocked(name)


def _amount(name: str, regulation: Regulation, targets: Targets) -> Expr:
    """What is there of a node before drugs block it."""
    node = regulation.nodes.get(name)
    if node is None:
        return level(name)
    if node.kind == "input":
        return Symbol(f"signal.{name}") + drugs.induced(name, targets)
    if name in regulation.sensors:
        return level(name) * Symbol(f"raw.{name}") / Symbol(f"rest.{name}")
    factors: list[Expr] = [level(name)]
    factors += [Symbol(f"state:protein.{name}")] if regulation.has_protein(name) else []
    factors += [Symbol(f"state:active.{name}")] if regulation.responds(name) else []
    factors += [drugs.activated(name, targets)]
    return product(factors)


def net_growth(network: Network) -> Expr:
    """Growth of the living mass less what dies beyond the turnover at rest, 1/h."""
    excess = total(_hazard(n.id) - Symbol(f"basal.{n.id}") for n in network.regulation.hazards)
    return laws.GROWTH - excess if network.regulation.hazards else laws.GROWTH


def observables(network: Network, targets: Targets) -> Iterator[Observable]:
    """Read-outs of nodes: amounts relative to rest, activities by their measure, half-lives in h."""
    regulation = network.regulation
    yield Observable("net_growth", net_growth(network), "1/h")
    if regulation.hazards:
        yield Observable(VIABILITY, Symbol(VIABILITY), "1")
    for name, node in regulation.nodes.items():
        if name not in network.genes:
            yield Observable(availability(name).name, availability(name), "1")
        if regulation.has_protein(name):
            protein = Symbol(f"protein.{name}")
            yield Observable(f"expressed.{name}", level(name) * protein, "1")
            yield Observable(f"settled.{name}", settled_protein(name, regulation, targets), "1")
        if regulation.has_mrna(name):
            yield Observable(f"expressed_mrna.{name}", level(name) * Symbol(f"mrna.{name}"), "1")
            yield Observable(f"settled_mrna.{name}", settled_mrna(name, regulation, targets), "1")
        if regulation.changes(name, "stability"):
            life = _process(name, regulation, targets, "stability")
            yield Observable(f"halflife.{name}", Symbol(f"halflife.{name}") * life, "h")
        if node.measure in _MEASURES:
            yield Observable(f"measure.{name}", _MEASURES[node.measure](name), _UNITS[node.measure])


def _share(node: str) -> Expr:
    """Share held in a state; its odds follow the node's activity."""
    odds = Symbol(f"basal.{node}") * availability(node)
    return odds / (1.0 - Symbol(f"basal.{node}") + odds)


_MEASURES = {"hazard": _hazard, "share": _share, "secretion": _hazard}
_UNITS = {"hazard": "1/h", "share": "1", "secretion": "fmol/cell/h"}

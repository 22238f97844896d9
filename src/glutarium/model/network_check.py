"""Everything that can be said about a network before it is run; behind ``glutarium network check``.

Errors of the tables come first: a network that cannot be put together is not analysed further.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from glutarium.errors import GlutariumError
from glutarium.knowledge import records as rec
from glutarium.knowledge.check import check as check_tables
from glutarium.model.assemble import OUTSIDE
from glutarium.model.genes import rule_genes
from glutarium.model.network import load_network
from glutarium.model.structure.analyse import blocked, dead_ends, unreachable
from glutarium.model.structure.findings import ERROR, WARNING, NetworkFinding
from glutarium.model.structure.flux_model import GROWTH, flux_model
from glutarium.model.structure.loops import loops
from glutarium.model.structure.records import compartments, constants, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network, Reaction
    from glutarium.model.structure.loops import Loop

__all__ = ["PARTS", "Balance", "NetworkReport", "check_network"]

PARTS = ("C", "H", "N", "O", "P", "S", "charge")
"""What is balanced."""

_TABLES = (
    rec.Metabolite, rec.Pool, rec.Reaction, rec.ReferenceFlux, rec.KineticConstant, rec.Modifier,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Balance:
    """How well one element, or charge, is kept by all reactions.

    Attributes
    ----------
    part
        Element or ``charge``.
    moving
        How many reactions handle it.
    worst
        Reaction with the largest excess of products over substrates.
    excess
        That excess, atoms or elementary charges per turnover.
    """

    part: str
    moving: int
    worst: str
    excess: float


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """What was found.

    Attributes
    ----------
    counts
        Reactions, species and so on → how many.
    balances
        One per part of :data:`PARTS`; empty where the network could not be put together.
    findings
        Errors first.
    """

    counts: dict[str, int]
    balances: tuple[Balance, ...]
    findings: tuple[NetworkFinding, ...]

    @property
    def errors(self) -> tuple[NetworkFinding, ...]:
        """Findings that make the network unusable."""
        return tuple(f for f in self.findings if f.severity == ERROR)

    @property
    def warnings(self) -> tuple[NetworkFinding, ...]:
        """Findings that may be meant."""
        return tuple(f for f in self.findings if f.severity == WARNING)


def check_network(
    base: KnowledgeBase, progress: Callable[[str, int, int], None] = lambda *_: None
) -> NetworkReport:
    """Check the network of a knowledge base.

    Parameters
    ----------
    base
        The tables; :class:`glutarium.knowledge.own_tables.OwnTables` for a user's.
    progress
        Called with what is looked at, how much is done and how much there is.
    """
    found = [
        NetworkFinding(ERROR, "tables", "", f.message, f.location)
        for f in check_tables(base, _TABLES)
    ]
    if found:
        # Two checks may stumble over one mistake.
        return NetworkReport({}, (), tuple(dict.fromkeys(found)))
    try:
        network = load_network(base)
    except GlutariumError as error:
        found.append(NetworkFinding(ERROR, "tables", "", error.message, error.location))
        return NetworkReport({}, (), tuple(found))
    steps = {
        "constants": constants,
        "compartments": compartments,
        "evidence": evidence,
        "routes": _routes,
        "loops": _loops,
    }
    for done, (name, step) in enumerate(steps.items()):
        progress(name, done, len(steps))
        found += step(base, network)
    found.sort(key=lambda f: f.severity != ERROR)
    return NetworkReport(_counts(network), _balances(network), tuple(found))


def _counts(network: Network) -> dict[str, int]:
    genes = {g for r in network.reactions.values() for g in rule_genes(r.genes)}
    places = {s.compartment for s in network.substances.values()}
    return {
        "reactions": len(network.reactions),
        "species": len(network.dynamic),
        "held species": len(network.substances) - len(network.dynamic),
        "compartments": len(places),
        "genes": len(genes),
    }


def _balances(network: Network) -> tuple[Balance, ...]:
    return tuple(_balance(network, part) for part in PARTS)


def _balance(network: Network, part: str) -> Balance:
    excess: dict[str, float] = {}
    for reaction in network.reactions.values():
        amounts = [n * _amount(network, s, part) for s, n in reaction.stoichiometry.items()]
        if any(amounts):
            excess[reaction.id] = sum(amounts)
    worst = max(excess, key=lambda r: abs(excess[r]), default="")
    return Balance(part, len(excess), worst, excess.get(worst, 0.0))


def _amount(network: Network, species: str, part: str) -> float:
    substance = network.substances[species]
    return substance.charge if part == "charge" else substance.formula.get(part, 0.0)


def _routes(base: KnowledgeBase, network: Network) -> Iterator[NetworkFinding]:
    """Dead ends, blocked reactions and species out of reach, with all that any medium offers."""
    offered = {row.species: inf for row in base.media if row.value > 0.0}
    gases = {
        s: inf
        for r in network.reactions.values()
        if r.law == "gas"
        for s in r.stoichiometry
        if network.substances[s].compartment in OUTSIDE
    }
    model = flux_model(network, offered | gases)
    for species, why in dead_ends(network, model).items():
        yield _warning("dead ends", species, f"{why}; it has no way in or no way out")
    for reaction in blocked(model):
        if reaction != GROWTH:
            location = base.reactions[reaction].location
            message = "carries no flux in any balanced state, whatever a medium offers"
            yield NetworkFinding(WARNING, "blocked", reaction, message, location)
        else:
            yield _warning("blocked", "growth", "the cell cannot make all that it consists of")
    for species in unreachable(network, model):
        yield _warning("unreachable", species, "cannot be made from anything that a medium offers")


def _warning(check: str, subject: str, message: str) -> NetworkFinding:
    return NetworkFinding(WARNING, check, subject, message)


def _loops(base: KnowledgeBase, network: Network) -> Iterator[NetworkFinding]:
    for loop in loops(network):
        reactions = [network.reactions[r] for r in loop.turns]
        # A gradient that no equation shows (sodium) can drive a loop only where a membrane is crossed.
        within = not any(_crosses(r, network) for r in reactions)
        wrong = not loop.closes and within
        location = base.kinetics.where("reaction", reactions[0].id)
        yield NetworkFinding(
            ERROR if wrong else WARNING,
            "loops",
            str(loop),
            _verdict(loop, within=within),
            location[0].location if location else base.reactions[reactions[0].id].location,
        )


def _crosses(reaction: Reaction, network: Network) -> bool:
    return len({network.substances[s].compartment for s in reaction.stoichiometry}) > 1


def _verdict(loop: Loop, *, within: bool) -> str:
    if loop.one_way:
        return f"turns by itself: {', '.join(loop.one_way)} cannot run back"
    if loop.log_keq is None:
        return "may turn: not all of its reactions have an equilibrium constant"
    low, value, high = loop.log_keq
    product = f"equilibrium constants multiply to e^{value:.3g} (e^{low:.3g} to e^{high:.3g})"
    if loop.closes:
        return f"can turn either way, and stands still: {product}, which admits 1"
    if within:
        return f"turns by itself: {product} instead of 1; correct keq in kinetics.tsv"
    return f"is driven by something that no equation shows, such as sodium: {product}"

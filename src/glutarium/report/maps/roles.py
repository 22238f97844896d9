"""What a reaction's participants are on a map: ends of its lines, or words beside it.

Lines follow the carbon. Every reaction has one main line, from the substrate that gives most of its
carbon to the product that it makes of it; further substrates and products are joined where they give a
fair share of that product's carbon, or take it from that substrate. All other participants are words:
carriers (ATP, NAD(P)H, coenzyme A …), small inorganic substances, and pairs of donors that only hand on
a group, such as glutamine and glutamate beside an amidotransferase.

Who is a carrier is read from the network: a pair with one carbon skeleton that mostly turns over into
each other, a cofactor that the model only makes for growth, and an inorganic substance that takes part in
several reactions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from glutarium.model.network import Network, Reaction, Substance
    from glutarium.model.transfers import Transfers

__all__ = ["Roles", "carriers", "metabolite_of", "roles_of"]

_PAIRED, _SMALL, _COFACTOR = (
    3,
    4,
    4,
)  # reactions that make a pair, a small or a grown substance common
_DEVOTED = 0.67  # of both partners' reactions, in which they must turn into each other
_OXIDISED = 4.0  # oxidation state of the carbon of carbonate
_FAIR = 0.12  # of a product's carbon (or a substrate's), to be joined by a line
_MOST_LINES = 3  # on each side of a reaction
_HUB = 7  # reactions of a species, from which on only main lines end there
_CROWD = 8.0  # degree at which a pair counts half when the main line is chosen
_ACCRETION = "accretion"
_PROTON = "h"


@dataclass(frozen=True, slots=True)
class Roles:
    """Participants of one reaction.

    Attributes
    ----------
    sources, targets
        Species at the ends of its lines; the first of each is the main one. Either may be empty.
    consumed, produced
        Species that are written beside it.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    consumed: tuple[str, ...]
    produced: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All participants; each stands in one place only."""
        return (*self.sources, *self.targets, *self.consumed, *self.produced)


def metabolite_of(species: str) -> str:
    """Metabolite of a species: ``gln_c`` → ``gln``."""
    return species.rpartition("_")[0]


def carriers(network: Network) -> frozenset[str]:
    """Metabolite ids that are drawn beside reactions."""
    degree = _degrees(network)
    pairs: Counter[tuple[str, str]] = Counter()
    grown: set[str] = set()
    for reaction in network.reactions.values():
        pairs.update(set(_skeleton_pairs(network, reaction)))
        if reaction.law == _ACCRETION:
            grown.update(metabolite_of(s) for s in reaction.products)
    small = {
        metabolite_of(s.id)
        for s in network.substances.values()
        if _inorganic(s) and degree[metabolite_of(s.id)] >= _SMALL
    }
    paired = {
        metabolite
        for pair, count in pairs.items()
        if count >= max(_PAIRED, _DEVOTED * max(degree[m] for m in pair))
        for metabolite in pair
    }
    return frozenset(small | paired | {m for m in grown if degree[m] >= _COFACTOR})


def _inorganic(substance: Substance) -> bool:
    """Whether it holds no carbon, or one that is wholly oxidised, as carbon dioxide does."""
    atoms = {element: n for element, n in substance.formula.items() if n}
    if "C" not in atoms:
        return True
    state = substance.charge + 2 * atoms.get("O", 0.0) - atoms.get("H", 0.0)
    return atoms["C"] == 1 and set(atoms) <= {"C", "H", "O"} and state == _OXIDISED


def _degrees(network: Network) -> Counter[str]:
    """Reactions of every metabolite and of every species, by id."""
    return Counter(
        name
        for reaction in network.reactions.values()
        for name in {*reaction.stoichiometry, *map(metabolite_of, reaction.stoichiometry)}
    )


def _skeleton_pairs(network: Network, reaction: Reaction) -> Iterator[tuple[str, str]]:
    """Pairs that differ neither in carbon nor in nitrogen: two forms of one carrier."""
    held = {
        s: tuple(abs(n) * network.substances[s].formula.get(e, 0.0) for e in "CN")
        for s, n in reaction.stoichiometry.items()
    }
    for a in reaction.substrates:
        for b in reaction.products:
            first, second = metabolite_of(a), metabolite_of(b)
            if first != second and held[a][0] > 1 and held[a] == held[b]:
                yield (first, second) if first < second else (second, first)


def roles_of(network: Network, transfers: Transfers) -> dict[str, Roles]:
    """Reaction id → its participants' roles.

    Parameters
    ----------
    network
        Reactions and species.
    transfers
        The way of their atoms.
    """
    carried = carriers(network)
    degree = _degrees(network)
    flows: dict[str, dict[str, dict[tuple[str, str], float]]] = defaultdict(dict)
    for element in transfers.passages:
        for passage in transfers.passages[element]:
            flow = flows[passage.reaction].setdefault(element, {})
            pair = passage.donor.species, passage.acceptor.species
            flow[pair] = flow.get(pair, 0.0) + passage.atoms
    return {
        r.id: _Choice(r, carried, degree, flows.get(r.id, {})).roles()
        for r in network.reactions.values()
    }


class _Choice:
    """The choice for one reaction."""

    def __init__(
        self,
        reaction: Reaction,
        carried: frozenset[str],
        degree: Mapping[str, int],
        flows: Mapping[str, Mapping[tuple[str, str], float]],
    ) -> None:
        self.reaction = reaction
        self.carried = carried
        self.degree = degree
        self.flows = flows

    def roles(self) -> Roles:
        main = self._carried_over() or self._by_atoms() or self._single()
        if main is None:
            main = self._among_carriers()
        sources, targets = ([s] if s else [] for s in main)
        if main[0] and main[1] and metabolite_of(main[0]) != metabolite_of(main[1]):
            sources += self._joined(main, giving=True)
            targets += self._joined(main, giving=False)
        rest = [s for s in self.reaction.stoichiometry if s not in {*sources, *targets}]
        return Roles(
            tuple(sources),
            tuple(targets),
            tuple(s for s in rest if self.reaction.stoichiometry[s] < 0),
            tuple(s for s in rest if self.reaction.stoichiometry[s] > 0),
        )

    def _free(self, side: Iterable[str]) -> list[str]:
        return [s for s in side if metabolite_of(s) not in self.carried]

    def _carried_over(self) -> tuple[str, str] | None:
        """Of what a transporter moves, the pair that is written first."""
        products = {metabolite_of(s): s for s in self.reaction.products}
        moved = [s for s in self._free(self.reaction.substrates) if metabolite_of(s) in products]
        return (moved[0], products[metabolite_of(moved[0])]) if moved else None

    def _by_atoms(self) -> tuple[str, str] | None:
        """Free pair with most atoms between them; what takes part everywhere counts less."""
        for element in ("C", "N"):
            pairs = self._free_flow(element)
            if not pairs:
                continue
            donor, acceptor = max(pairs, key=lambda p: (self._weight(p, pairs[p]), p))
            atoms = pairs[donor, acceptor]
            given = sum(n for pair, n in pairs.items() if pair[0] == donor)
            taken = sum(n for pair, n in pairs.items() if pair[1] == acceptor)
            return (
                donor if atoms >= _FAIR * taken else "",
                acceptor if atoms >= _FAIR * given else "",
            )
        return None

    def _free_flow(self, element: str) -> dict[tuple[str, str], float]:
        free = set(self._free(self.reaction.stoichiometry))
        return {p: n for p, n in self.flows.get(element, {}).items() if free.issuperset(p)}

    def _weight(self, pair: tuple[str, str], atoms: float) -> float:
        crowd = sum(self.degree[metabolite_of(s)] for s in pair)
        return round(atoms / (1 + crowd / _CROWD), 9)

    def _single(self) -> tuple[str, str] | None:
        """A reaction of which one end is free: the other is the carrier that has most of its carbon."""
        sources = self._free(self.reaction.substrates)
        targets = self._free(self.reaction.products)
        if not sources and not targets:
            return None
        flow = self.flows.get("C", {})
        ends = {*sources, *targets}
        pairs = [pair for pair in flow if ends & {*pair}]
        if pairs:
            return max(pairs, key=lambda p: (flow[p], p))
        return (sources[0] if sources else "", targets[0] if targets else "")

    def _among_carriers(self) -> tuple[str, str]:
        """A reaction of carriers alone: what it moves, or the pair with most carbon."""
        products = {metabolite_of(s): s for s in self.reaction.products}
        moved = [s for s in self.reaction.substrates if metabolite_of(s) in products]
        matter = [s for s in moved if metabolite_of(s) != _PROTON]
        flow = self.flows.get("C", {}) or self.flows.get("N", {})
        if matter or (moved and not flow):
            first = (matter or moved)[0]
            return first, products[metabolite_of(first)]
        if flow:
            return max(flow, key=lambda p: (flow[p], p))
        sides = self.reaction.substrates, self.reaction.products
        return (sides[0][0] if sides[0] else "", sides[1][0] if sides[1] else "")

    def _joined(self, main: tuple[str, str], *, giving: bool) -> list[str]:
        """Free species that give a fair share of the main product, or take one of the substrate."""
        end, other = (1, 0) if giving else (0, 1)
        flow = {p: n for p, n in self._free_flow("C").items() if p[end] == main[end]}
        whole = sum(flow.values())
        fair = {p[other]: n for p, n in flow.items() if n >= _FAIR * whole}
        fair.pop(main[other], None)
        free = [s for s in fair if self.degree[s] < _HUB]
        return sorted(free, key=lambda s: (-fair[s], s))[: _MOST_LINES - 1]

"""The atoms of one element in one reaction: what is passed on, and what is still open.

Rows come first; then what crosses a membrane stays itself, cofactors keep their skeleton, and what is
left is passed on where it has one origin, one goal, or the same parts on both sides.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from glutarium.errors import KnowledgeError
from glutarium.knowledge.check import Finding
from glutarium.model.atoms import ELEMENTS, Node, find_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.errors import Location
    from glutarium.model.atoms import Parts, Transfer
    from glutarium.model.network import Reaction

__all__ = ["Ledger", "Passage"]

# Atoms per turnover that count as rounding: formulas of macromolecules have a few decimals.
TOLERANCE = 1e-6


class Passage(NamedTuple):
    """Atoms that pass from a donor to an acceptor per turnover in the written direction."""

    reaction: str
    donor: Node
    acceptor: Node
    atoms: float


class Ledger:
    """Atoms of one element in one reaction that have not been passed on yet.

    Parameters
    ----------
    reaction
        The reaction.
    element
        ``C`` or ``N``.
    parts
        Atoms of every part of every species.

    Attributes
    ----------
    passages
        What has been passed on so far.
    """

    def __init__(self, reaction: Reaction, element: str, parts: Parts) -> None:
        self.passages: list[Passage] = []
        self._reaction, self._element, self._parts = reaction, element, parts
        self._donors: dict[Node, float] = {}
        self._acceptors: dict[Node, float] = {}
        for species, n in reaction.stoichiometry.items():
            side = self._donors if n < 0 else self._acceptors
            for node in parts.of(species, element):
                side[node] = abs(n) * parts.atoms[element][node]

    def fill(self, rows: Sequence[Transfer]) -> list[Finding]:
        """Pass on what rows say, then what is forced; return what is wrong with the rows."""
        findings = []
        for row in rows:
            try:
                self._apply(row)
            except KnowledgeError as error:
                findings.append(Finding(row.location, f"{row.label!r}: {error.message}"))
        self._transport()
        self._skeletons()
        self._rest()
        return findings

    def open_ends(self, location: Location) -> list[Finding]:
        """Report the species whose atoms go nowhere or come from nowhere."""
        left = [f"{self._donors[v]:.6g} of {v} go nowhere" for v in _open(self._donors)]
        left += [
            f"{self._acceptors[v]:.6g} of {v} come from nowhere" for v in _open(self._acceptors)
        ]
        if not left:
            return []
        message = (
            f"{self._reaction.id!r}: {ELEMENTS[self._element]} atoms {', '.join(left)}; "
            "say in transfers.tsv which substrate gives which product"
        )
        return [Finding(location, message)]

    def _apply(self, row: Transfer) -> None:
        givers = find_groups(row.donor, self._parts, self._element, row.location)
        takers = find_groups(row.acceptor, self._parts, self._element, row.location)
        sides = ((givers, self._donors, "substrate"), (takers, self._acceptors, "product"))
        for groups, side, role in sides:
            if groups[0][0] not in side:
                message = f"{groups[0][0].species!r} is no {role} of {self._reaction.id!r}"
                raise KnowledgeError(message, location=row.location)
        pairs = self._pairs(givers, takers, row)
        whole = sum(size for _, _, size in pairs)
        for giver, taker, size in pairs:
            self._spread(self._sizes(giver), self._sizes(taker), row.atoms * size / whole)
        for side in (self._donors, self._acceptors):
            excess = {node: -left for node, left in side.items() if left < -TOLERANCE}
            if excess:
                side.update(dict.fromkeys(excess, 0.0))
                message = (
                    f"gives {sum(excess.values()):.6g} atoms more than "
                    f"{next(iter(excess)).species} has in the equation"
                )
                raise KnowledgeError(message, location=row.location)

    def _pairs(
        self, givers: list[list[Node]], takers: list[list[Node]], row: Transfer
    ) -> list[tuple[list[Node], list[Node], float]]:
        """Groups that belong together, with the atoms of the giving one."""
        if "[" not in row.donor + row.acceptor:
            givers, takers = _by_name(givers[0], takers[0])
        if len(givers) != len(takers):
            givers, takers = [list(chain(*givers))], [list(chain(*takers))]
        pairs = list(zip(givers, takers, strict=True))
        if ("[" not in row.donor or "[" not in row.acceptor) and any(
            len(giver) > 1 and len(taker) > 1 for giver, taker in pairs
        ):
            message = "both have several parts; say in brackets which part gives which"
            raise KnowledgeError(message, location=row.location)
        return [(giver, taker, sum(self._sizes(giver).values())) for giver, taker in pairs]

    def _sizes(self, nodes: Iterable[Node]) -> dict[Node, float]:
        """Atoms per turnover that the equation gives to nodes, whether passed on or not."""
        count, number = self._parts.atoms[self._element], self._reaction.stoichiometry
        return {v: abs(number[v.species]) * count[v] for v in nodes}

    def _spread(
        self, given: Mapping[Node, float], taken: Mapping[Node, float], atoms: float
    ) -> None:
        """Pass atoms on, drawn from and given to the nodes in proportion to their weights."""
        whole = sum(given.values()) * sum(taken.values())
        for giver, a in given.items():
            for taker, b in taken.items():
                self._pass(giver, taker, atoms * a * b / whole)

    def _pass(self, giver: Node, taker: Node, atoms: float) -> None:
        self.passages.append(Passage(self._reaction.id, giver, taker, atoms))
        self._donors[giver] -= atoms
        self._acceptors[taker] -= atoms

    def _transport(self) -> None:
        """What stands on both sides in different places crosses a membrane as it is."""
        for giver in _open(self._donors):
            same = [v for v in _open(self._acceptors) if _substance(v) == _substance(giver)]
            if len(same) == 1:
                self._hand_over([giver], same)

    def _skeletons(self) -> None:
        """Cofactors keep their skeleton; left open where several could take an unequal amount."""
        kept = self._parts.skeletons[self._element]
        for name in dict.fromkeys(v.part for v in self._donors if v in kept):
            givers = [v for v in _open(self._donors) if v.part == name and v in kept]
            takers = [v for v in _open(self._acceptors) if v.part == name and v in kept]
            excess = sum(self._donors[v] for v in givers) - sum(self._acceptors[v] for v in takers)
            if len(givers) == len(takers) == 1 or abs(excess) <= TOLERANCE:
                self._hand_over(givers, takers)

    def _rest(self) -> None:
        """One origin, one goal, or one molecule on each side with the same parts."""
        givers, takers = _open(self._donors), _open(self._acceptors)
        if len(givers) == 1 or len(takers) == 1:
            self._hand_over(givers, takers)
        elif len({v.species for v in givers}) == len({v.species for v in takers}) == 1:
            amounts = {v.part: self._acceptors[v] for v in takers}
            if all(abs(self._donors[v] - amounts.get(v.part, 0.0)) <= TOLERANCE for v in givers):
                for giver, taker in zip(*_by_name(givers, takers), strict=True):
                    self._hand_over(giver, taker)

    def _hand_over(self, givers: list[Node], takers: list[Node]) -> None:
        """Pass on all that both sides have in common; what one has more stays open."""
        given = {v: self._donors[v] for v in givers}
        taken = {v: self._acceptors[v] for v in takers}
        if given and taken:
            self._spread(given, taken, min(sum(given.values()), sum(taken.values())))


def _open(side: Mapping[Node, float]) -> list[Node]:
    return [node for node, atoms in side.items() if atoms > TOLERANCE]


def _substance(node: Node) -> tuple[str, str]:
    return node.species.rpartition("_")[0], node.part


def _by_name(givers: list[Node], takers: list[Node]) -> tuple[list[list[Node]], list[list[Node]]]:
    """Pair parts of equal names; one group on each side where the names differ."""
    named = {v.part: v for v in takers}
    if {v.part for v in givers} != set(named):
        return [givers], [takers]
    return [[v] for v in givers], [[named[v.part]] for v in givers]

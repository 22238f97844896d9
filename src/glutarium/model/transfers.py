"""Which atom of a product came from which substrate, for every reaction of the network.

Most of it is forced and needs no row (:mod:`glutarium.model.ledger`); rows of ``transfers.tsv`` say the
rest. Then all atoms of every substrate go somewhere and all atoms of every product come from somewhere,
or :func:`check_transfers` says which do not. Water, protons and phosphate hold neither carbon nor
nitrogen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import Location, ModelError
from glutarium.knowledge.check import Finding
from glutarium.knowledge.tables import parse_tables
from glutarium.model.atoms import ELEMENTS, Transfer, read_parts
from glutarium.model.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.atoms import Node
    from glutarium.model.ledger import Passage
    from glutarium.model.network import Network

__all__ = ["Transfers", "check_transfers", "load_transfers"]


@dataclass(frozen=True)
class Transfers:
    """The way of all atoms of a network.

    Attributes
    ----------
    passages
        Element (``C``, ``N``) → passages of all reactions, in atoms per turnover.
    atoms
        Element → node → atoms per molecule.
    """

    passages: Mapping[str, tuple[Passage, ...]]
    atoms: Mapping[str, Mapping[Node, float]]

    def between(self, reaction: str, element: str) -> dict[tuple[str, str], float]:
        """(donor species, acceptor species) → atoms per turnover of one reaction."""
        found: defaultdict[tuple[str, str], float] = defaultdict(float)
        for p in self.passages[element]:
            if p.reaction == reaction:
                found[p.donor.species, p.acceptor.species] += p.atoms
        return dict(found)


def load_transfers(base: KnowledgeBase, network: Network) -> Transfers:
    """Read ``transfers.tsv`` and ``parts.tsv`` and derive what is forced.

    Parameters
    ----------
    base
        Where the tables stand.
    network
        Reactions and formulas.

    Raises
    ------
    ModelError
        Something is missing or wrong; the message lists all of it with file and line.
    """
    transfers, findings = _trace(base, network)
    if findings:
        listed = "\n".join(f"  {found}" for found in findings)
        message = f"The way of the atoms is not complete, {len(findings)} findings:\n{listed}"
        raise ModelError(message)
    return transfers


def check_transfers(base: KnowledgeBase, network: Network) -> list[Finding]:
    """List what is missing or wrong in the tables of transfers; empty where all is well."""
    return _trace(base, network)[1]


def _trace(base: KnowledgeBase, network: Network) -> tuple[Transfers, list[Finding]]:
    table = Location(base.path(Transfer.TABLE))
    parts, errors = read_parts(base, network)
    rows, bad_rows = parse_tables(base.paths(Transfer.TABLE), Transfer)
    findings = [Finding(e.location or table, e.message) for e in (*errors, *bad_rows)]
    findings += _misplaced(rows, network)
    by_place: defaultdict[tuple[str, str], list[Transfer]] = defaultdict(list)
    for row in rows:
        by_place[row.reaction, row.element].append(row)
    passages: dict[str, list[Passage]] = {element: [] for element in ELEMENTS}
    for reaction in network.reactions.values():
        record = base.reactions.get(reaction.id)
        for element in ELEMENTS:
            ledger = Ledger(reaction, element, parts)
            findings += ledger.fill(by_place[reaction.id, element])
            findings += ledger.open_ends(table if record is None else record.location)
            passages[element] += ledger.passages
    return Transfers({e: tuple(p) for e, p in passages.items()}, parts.atoms), findings


def _misplaced(rows: Iterable[Transfer], network: Network) -> list[Finding]:
    findings = []
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        if row.reaction not in network.reactions:
            message = f"{row.label!r}: there is no reaction {row.reaction!r} in reactions.tsv"
            findings.append(Finding(row.location, message))
        if row.element not in ELEMENTS:
            message = f"{row.label!r}: element must be one of {', '.join(ELEMENTS)}"
            findings.append(Finding(row.location, message))
        if row.key in seen:
            findings.append(Finding(row.location, f"{row.label!r} stands twice; keep one row"))
        seen.add(row.key)
    return findings

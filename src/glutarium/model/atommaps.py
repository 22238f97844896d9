"""The way of single carbons and nitrogens through the whole network, ready for labels.

A **pool** is a species, or a residue of a species that is made of whole molecules (``prot_b/ala``). A
**step** makes molecules of one pool and says for each of their atoms which atom of which molecule it was.
Rows come first (:mod:`glutarium.model.atom_text`); what crosses a membrane stays itself, and cofactors
that only change their form keep their atoms. Skeletons that no reaction takes apart are not followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError, Location, ModelError
from glutarium.knowledge.check import Finding
from glutarium.knowledge.tables import parse_tables
from glutarium.model.atom_steps import Builder, Donor, Step
from glutarium.model.atom_text import AtomMap, Symmetry, parse_map
from glutarium.model.atoms import ELEMENTS, read_parts
from glutarium.model.residues import followed_atoms, read_residues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network

__all__ = ["AtomMaps", "Donor", "Step", "check_atom_maps", "load_atom_maps"]


@dataclass(frozen=True)
class AtomMaps:
    """Single atoms of a network.

    Attributes
    ----------
    elements
        Pool → element of each of its atoms, ``CCCCCNN``.
    number
        Pool → molecules of it per molecule of its species; one but for residues.
    steps
        Everything that makes molecules, in both directions of reversible reactions.
    """

    elements: Mapping[str, str]
    number: Mapping[str, float]
    steps: tuple[Step, ...]

    def pools_of(self, species: str) -> tuple[str, ...]:
        """The species itself, or its residues; empty where it has no followed atoms."""
        return self._pools.get(species, ())

    @cached_property
    def _pools(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for pool in self.elements:
            species = pool.partition("/")[0]
            found[species] = (*found.get(species, ()), pool)
        return found


def load_atom_maps(base: KnowledgeBase, network: Network) -> AtomMaps:
    """Read ``atoms.tsv`` and ``symmetries.tsv`` and add what is forced.

    Raises
    ------
    ModelError
        Something is missing or wrong; the message lists all of it with file and line.
    """
    maps, findings = _read(base, network)
    if findings:
        listed = "\n".join(f"  {found}" for found in findings)
        message = f"The atom maps are not complete, {len(findings)} findings:\n{listed}"
        raise ModelError(message)
    return maps


def check_atom_maps(base: KnowledgeBase, network: Network) -> list[Finding]:
    """List what is missing or wrong in the atom maps; empty where all is well."""
    return _read(base, network)[1]


def _read(base: KnowledgeBase, network: Network) -> tuple[AtomMaps, list[Finding]]:
    table = Location(base.path(AtomMap.TABLE))
    rows, errors = parse_tables(base.paths(AtomMap.TABLE), AtomMap)
    mirrors, more = parse_tables(base.paths(Symmetry.TABLE), Symmetry)
    parts, _ = read_parts(base, network)
    findings = [Finding(e.location or table, e.message) for e in (*errors, *more)]
    findings += _misplaced(rows, network)
    by_reaction = {row.reaction: row for row in rows}
    atoms = followed_atoms(network, parts)
    clauses = {}
    for row in rows:
        try:
            clauses[row.reaction] = parse_map(row.map, row.location)
        except KnowledgeError as error:
            findings.append(Finding(row.location, f"{row.label!r}: {error.message}"))
            clauses[row.reaction] = ()
    residues = read_residues(network, clauses, atoms)
    findings += [Finding(by_reaction[r].location, text) for r, text in residues.wrong]
    steps: list[Step] = []
    for reaction in network.reactions.values():
        said = by_reaction.get(reaction.id)
        builder = Builder(reaction, atoms, residues)
        found = builder.build(clauses.get(reaction.id, ()))
        record = base.reactions.get(reaction.id)
        spoken = said or record
        at = table if spoken is None else spoken.location
        findings += [Finding(at, f"{reaction.id!r}: {text}") for text in found]
        steps += builder.steps
    findings += _bad_mirrors(mirrors, network, atoms)
    kept = {m.metabolite: m.order for m in mirrors}
    scrambled = tuple(s for step in steps for s in _scrambled(step, kept))
    elements = {p: a for p, a in residues.elements(atoms).items() if a}
    return AtomMaps(elements, residues.numbers(elements), scrambled), findings


def _misplaced(rows: Sequence[AtomMap], network: Network) -> list[Finding]:
    findings, seen = [], set()
    for row in rows:
        if row.reaction not in network.reactions:
            message = f"{row.label!r}: there is no such reaction in reactions.tsv"
            findings.append(Finding(row.location, message))
        if row.reaction in seen:
            findings.append(Finding(row.location, f"{row.label!r} stands twice; keep one row"))
        seen.add(row.reaction)
    return findings


def _bad_mirrors(
    mirrors: Sequence[Symmetry], network: Network, atoms: Mapping[str, str]
) -> list[Finding]:
    findings = []
    known = {s.rpartition("_")[0]: atoms[s] for s in network.substances if s in atoms}
    for row in mirrors:
        if row.metabolite in known and sorted(row.order) != sorted(_letters(known[row.metabolite])):
            message = (
                f"Symmetry of {row.metabolite!r}: order {row.order!r} must hold every letter of "
                f"{_letters(known[row.metabolite])!r} once (small: {ELEMENTS['C']})"
            )
            findings.append(Finding(row.location, message))
    return findings


def _letters(elements: str) -> str:
    """Letters of the atoms of a molecule in their order."""
    counted = {"C": ord("a") - 1, "N": ord("A") - 1}
    text = ""
    for element in elements:
        counted[element] += 1
        text += chr(counted[element])
    return text


def _scrambled(step: Step, mirrors: Mapping[str, str]) -> list[Step]:
    """Two steps of half the size where the product has two halves that are alike."""
    order = mirrors.get(step.product.partition("/")[0].rpartition("_")[0])
    if order is None:
        return [step]
    position = {letter: i for i, letter in enumerate(_ordered(order))}
    turned = tuple(step.donors[position[letter]] for letter in order)
    half = step.number / 2.0
    return [step._replace(number=half), step._replace(number=half, donors=turned)]


def _ordered(order: str) -> str:
    carbons = sorted(c for c in order if c.islower())
    return "".join((*carbons, *sorted(c for c in order if c.isupper())))

"""What is made of whole molecules: protein of amino acids, cystine of two halves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glutarium.model.atom_text import ALL
from glutarium.model.atoms import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.model.atom_text import Clause, Term
    from glutarium.model.atoms import Parts
    from glutarium.model.network import Network, Reaction

__all__ = ["Residues", "facing", "followed_atoms", "metabolite_of", "read_residues", "residue_name"]

# Atoms per molecule that count as rounding: formulas of macromolecules have a few decimals.
TOLERANCE = 2e-3
LEDGER = "g"


@dataclass
class Residues:
    """Residues of all metabolites that have any.

    Attributes
    ----------
    of
        Metabolite → residue → how many per molecule and the elements of its atoms.
    adenylates
        Species of the family of ATP, whose forms change into each other in most reactions.
    wrong
        Reaction and message where rows contradict each other or a formula.
    """

    of: dict[str, dict[str, tuple[float, str]]] = field(default_factory=dict)
    adenylates: frozenset[str] = frozenset()
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def pools(self, species: str) -> dict[str, float]:
        """Pools of a species and how many molecules of each it holds."""
        held = self.of.get(metabolite_of(species))
        if held is None:
            return {species: 1.0}
        return {f"{species}/{name}": number for name, (number, _) in held.items()}

    def elements(self, atoms: Mapping[str, str]) -> dict[str, str]:
        """Pool → element of each of its atoms, residues in place of what they make up."""
        found: dict[str, str] = {}
        for species, own in atoms.items():
            held = self.of.get(metabolite_of(species))
            if held is None:
                found[species] = own
            else:
                found |= {f"{species}/{name}": e for name, (_, e) in held.items()}
        return found

    def numbers(self, elements: Mapping[str, str]) -> dict[str, float]:
        """Pool → molecules per molecule of its species."""
        found = {}
        for pool in elements:
            species, _, name = pool.partition("/")
            found[pool] = self.of[metabolite_of(species)][name][0] if name else 1.0
        return found


def metabolite_of(species: str) -> str:
    """Metabolite of a species, ``gln_m`` → ``gln``."""
    return species.rpartition("_")[0]


def followed_atoms(network: Network, parts: Parts) -> dict[str, str]:
    """Species → element of each of its atoms, carbons first, those of cofactor skeletons left out.

    A skeleton whose parts other metabolites hold too (the ribose of ATP) is made and broken down in
    the network and followed. Macromolecules, whose formulas are no whole numbers, get no atoms here.
    """
    left_out = {}
    for element in ELEMENTS:
        nodes, skeleton = parts.atoms[element], parts.skeletons[element]
        ordinary = {v.part for v in nodes if v not in skeleton}
        left_out[element] = {v for v in skeleton if v.part not in ordinary}
    found = {}
    for species in network.substances:
        text = ""
        for element in ELEMENTS:
            kept = [v for v in parts.of(species, element) if v not in left_out[element]]
            count = sum(parts.atoms[element][v] for v in kept)
            text += element * round(count) if abs(count - round(count)) < TOLERANCE else "?"
        if text:
            found[species] = "" if "?" in text else text
    return found


def read_residues(
    network: Network, clauses: Mapping[str, Sequence[Clause]], atoms: dict[str, str]
) -> Residues:
    """Gather the residues that the rows name and compare them with the formulas."""
    found = Residues(adenylates=_adenylates(network))
    terms = [
        (network.reactions[reaction], term)
        for reaction, rows in clauses.items()
        if reaction in network.reactions
        for clause in rows
        for term in (*clause.left, *clause.right)
        if "/" in term.pool
    ]
    # What is made of all molecules of a reaction may hold such that have residues themselves.
    for reaction, term in sorted(terms, key=lambda pair: pair[1].pool.endswith(ALL)):
        _add(found, reaction, term, atoms)
    for metabolite, held in found.of.items():
        formula = next(
            s.formula for n, s in network.substances.items() if metabolite_of(n) == metabolite
        )
        for element, name in ELEMENTS.items():
            whole = sum(n * e.count(element) for n, e in held.values())
            if abs(whole - formula.get(element, 0.0)) > TOLERANCE * max(1.0, whole):
                row = next(r for r, rows in clauses.items() if _names(rows, metabolite))
                message = (
                    f"Residues of {metabolite!r} hold {whole:.5g} atoms of {name}, its formula in "
                    f"metabolites.tsv {formula.get(element, 0.0):.5g}"
                )
                found.wrong.append((row, message))
    return found


def _adenylates(network: Network) -> frozenset[str]:
    return frozenset(s for s in network.substances if metabolite_of(s) in {"atp", "adp", "amp"})


def _names(rows: Sequence[Clause], metabolite: str) -> bool:
    terms = (t for clause in rows for t in (*clause.left, *clause.right))
    return any("/" in t.pool and metabolite_of(t.species) == metabolite for t in terms)


def _add(found: Residues, reaction: Reaction, term: Term, atoms: Mapping[str, str]) -> None:
    species, _, name = term.pool.partition("/")
    per = abs(reaction.stoichiometry.get(species, 0.0))
    if per == 0.0:
        message = f"{species!r} is not in the equation of {reaction.id!r}"
        found.wrong.append((reaction.id, message))
        return
    held = found.of.setdefault(metabolite_of(species), {})
    new = (
        _everything(found, reaction, species, atoms)
        if name == ALL
        else {name: ((term.number or 1.0) / per, _elements(term.ways[0] if term.ways else ""))}
    )
    for residue, (number, elements) in new.items():
        known = held.setdefault(residue, (number, elements))
        if known[1] != elements or abs(known[0] - number) > TOLERANCE:
            message = (
                f"{species}/{residue} is {number:g} with atoms {elements} here, but {known[0]:g} "
                f"with {known[1]} in another row"
            )
            found.wrong.append((reaction.id, message))


def _elements(letters: str) -> str:
    return "".join("C" if letter.islower() else "N" for letter in letters)


def _everything(
    found: Residues, reaction: Reaction, species: str, atoms: Mapping[str, str]
) -> dict[str, tuple[float, str]]:
    """All molecules on the side of the equation that faces the macromolecule."""
    sign = reaction.stoichiometry[species]
    everything: dict[str, tuple[float, str]] = {}
    for s in facing(found, reaction, sign):
        if not atoms.get(s):
            continue
        number = abs(reaction.stoichiometry[s] / sign)
        for pool, per in found.pools(s).items():
            elements = found.elements(atoms)[pool]
            everything[residue_name(pool)] = number * per, elements
    return everything


def facing(residues: Residues, reaction: Reaction, sign: float) -> list[str]:
    """Species opposite to one whose coefficient has a sign, without ATP that only gives energy."""
    carriers = [s for s in reaction.stoichiometry if s in residues.adenylates]
    # ATP that leaves as ADP carries energy; ATP that leaves as nothing is built in.
    idle = set(carriers) if len(carriers) > 1 else set()
    return [s for s, n in reaction.stoichiometry.items() if n * sign < 0 and s not in idle]


def residue_name(pool: str) -> str:
    """Name of a molecule as a residue of another one, ``cyx_c/half`` → ``cyx``."""
    return metabolite_of(pool.partition("/")[0])

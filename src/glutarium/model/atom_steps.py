"""Turns the map of one reaction into steps, and says which atoms it does not account for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from glutarium.model.atom_text import ALL, SKELETON, Clause, Term
from glutarium.model.residues import facing, metabolite_of, residue_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.model.network import Reaction
    from glutarium.model.residues import Residues

__all__ = ["Builder", "Donor", "Step"]

TOLERANCE = 1e-6
_LETTERS = {"C": "abcdefghijklmnopqrstuvwxyz", "N": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


class Donor(NamedTuple):
    """An atom before a step: the pool, its place in the molecule, and which molecule it is."""

    pool: str
    atom: int
    molecule: int


class Step(NamedTuple):
    """Molecules of one pool that a reaction makes.

    Attributes
    ----------
    reaction
        Id of the reaction.
    forward
        Whether they are made in the written direction.
    product
        The pool.
    number
        Molecules per turnover.
    donors
        For every atom of the product the one that it was.
    """

    reaction: str
    forward: bool
    product: str
    number: float
    donors: tuple[Donor, ...]


class Builder:
    """Steps of one reaction.

    Parameters
    ----------
    reaction
        The reaction.
    atoms
        Species → element of each of its atoms.
    residues
        What is made of whole molecules.
    """

    def __init__(self, reaction: Reaction, atoms: Mapping[str, str], residues: Residues) -> None:
        self.steps: list[Step] = []
        self._reaction, self._residues = reaction, residues
        self._elements = residues.elements(atoms)
        # Molecules of every pool that no clause has spoken of yet; negative: consumed.
        self._open: dict[str, float] = {}
        self._wrong: list[str] = []
        for species, n in reaction.stoichiometry.items():
            if _is_ledger(species, reaction):
                continue
            for pool, per in residues.pools(species).items():
                if self._elements.get(pool):
                    self._open[pool] = self._open.get(pool, 0.0) + n * per

    def build(self, clauses: Sequence[Clause]) -> list[str]:
        """Make all steps; return what is wrong."""
        for clause in clauses:
            self._apply(self._spelled(clause))
        self._transport()
        self._adenylates()
        skeletons = any(t.pool == SKELETON for c in clauses for t in c.right)
        left = {p: n for p, n in self._open.items() if abs(n) > TOLERANCE}
        if left and not skeletons:
            what = ", ".join(f"{abs(n):.6g} {p}" for p, n in left.items())
            self._wrong.append(f"{what} not accounted for; say in atoms.tsv what becomes of it")
        return self._wrong

    def _spelled(self, clause: Clause) -> Clause:
        """The clause with letters and numbers everywhere."""
        whole = [t for t in (*clause.left, *clause.right) if t.pool.endswith(f"/{ALL}")]
        if whole:
            return self._of_all(whole[0].species)
        if not any(t.ways for t in (*clause.left, *clause.right)):
            left, right = clause.left[0], clause.right[0]
            letters = self._letters(left.pool)
            number = left.number or right.number or 1.0
            return Clause(
                (Term(left.pool, number, (letters,)),), (Term(right.pool, number, (letters,)),)
            )
        left_terms, right_terms = (
            tuple(Term(t.pool, t.number or 1.0, t.ways) for t in side)
            for side in (clause.left, clause.right)
        )
        return Clause(left_terms, right_terms)

    def _of_all(self, species: str) -> Clause:
        """One clause for all residues; their letters are not mixed up, so they may be the same."""
        sign = self._reaction.stoichiometry.get(species, 0.0)
        held = self._residues.pools(species)
        for other in facing(self._residues, self._reaction, sign):
            for pool in self._residues.pools(other):
                mine = f"{species}/{residue_name(pool)}"
                if mine in held and self._elements.get(pool):
                    letters = (self._letters(pool),)
                    number = abs(sign) * held[mine]
                    pair = Term(pool, number, letters), Term(mine, number, letters)
                    a, b = pair if sign > 0 else pair[::-1]
                    self._apply(Clause((a,), (b,)))
        return Clause((), ())

    def _letters(self, pool: str) -> str:
        elements = self._elements.get(pool, "")
        count = {"C": iter(_LETTERS["C"]), "N": iter(_LETTERS["N"])}
        return "".join(next(count[e], "?") for e in elements)

    def _apply(self, clause: Clause) -> None:
        if not self._fits(clause):
            return
        for terms, sign in ((clause.left, 1.0), (clause.right, -1.0)):
            for term in terms:
                if term.pool != SKELETON:
                    self._open[term.pool] += sign * (term.number or 1.0)
        self._make(clause.left, clause.right, forward=True)
        if self._reaction.reversible:
            self._make(clause.right, clause.left, forward=False)

    def _fits(self, clause: Clause) -> bool:
        found = len(self._wrong)
        for terms, sign, role in ((clause.left, -1.0, "substrate"), (clause.right, 1.0, "product")):
            for term in terms:
                self._fits_term(term, sign, role)
        if len(self._wrong) == found:
            self._fits_letters(clause)
        return len(self._wrong) == found

    def _fits_term(self, term: Term, sign: float, role: str) -> None:
        if term.pool == SKELETON:
            return
        if self._open.get(term.pool, 0.0) * sign < (term.number or 1.0) - TOLERANCE:
            self._wrong.append(f"the map gives more {term.pool} than the equation has as a {role}")
            return
        wanted = self._elements[term.pool]
        for way in term.ways:
            spelled = "".join("C" if letter.islower() else "N" for letter in way)
            if spelled != wanted:
                self._wrong.append(
                    f"{term.pool}({way}) must have {wanted.count('C')} small letters (carbon), then "
                    f"{wanted.count('N')} capital ones (nitrogen)"
                )

    def _fits_letters(self, clause: Clause) -> None:
        balance: defaultdict[str, float] = defaultdict(float)
        for terms, sign in ((clause.left, 1.0), (clause.right, -1.0)):
            for term in terms:
                for way in term.ways:
                    for letter in way:
                        balance[letter] += sign * (term.number or 1.0) / len(term.ways)
        rest = any(t.pool == SKELETON and not t.ways for t in clause.right)
        odd = [x for x, n in balance.items() if n < -TOLERANCE or (n > TOLERANCE and not rest)]
        once = [x for t in clause.left for x in t.ways[0]] if clause.left else []
        odd += [x for x in once if once.count(x) > 1]
        if odd:
            self._wrong.append(
                f"atom {odd[0]!r} does not leave as often as it enters, or stands for two atoms"
            )
        several = any((t.number or 1.0) != 1.0 for t in (*clause.left, *clause.right))
        if several and self._reaction.reversible and len(clause.left) + len(clause.right) != 2:  # noqa: PLR2004
            self._wrong.append("a reversible reaction must name every molecule by itself")

    def _make(self, givers: Sequence[Term], takers: Sequence[Term], *, forward: bool) -> None:
        origin = {
            letter: (index, term.pool, i)
            for index, term in enumerate(givers)
            if term.pool != SKELETON
            for i, letter in enumerate(term.ways[0])
        }
        for taker in takers:
            if taker.pool == SKELETON:
                continue
            for way in taker.ways:
                times: defaultdict[str, int] = defaultdict(int)
                donors = []
                for letter in way:
                    index, pool, atom = origin[letter]
                    donors.append(Donor(pool, atom, index + len(givers) * times[letter]))
                    times[letter] += 1
                number = (taker.number or 1.0) / len(taker.ways)
                self.steps.append(
                    Step(self._reaction.id, forward, taker.pool, number, tuple(donors))
                )

    def _pair(self, giver: str, taker: str) -> None:
        """Hand on what both sides have in common of two pools with the same atoms."""
        number = min(-self._open[giver], self._open[taker])
        letters = (self._letters(giver),)
        if "?" in letters[0] or self._elements[giver] != self._elements[taker]:
            return
        self._apply(Clause((Term(giver, number, letters),), (Term(taker, number, letters),)))

    def _transport(self) -> None:
        """What stands on both sides in different places crosses a membrane as it is."""
        for giver, taker in self._pairs():
            same = _substance(giver) == _substance(taker)
            if same and self._open[giver] < -TOLERANCE and self._open[taker] > TOLERANCE:
                self._pair(giver, taker)

    def _adenylates(self) -> None:
        """ATP, ADP and AMP that are left give and take phosphate only."""
        family = self._residues.adenylates
        for giver, taker in self._pairs():
            both = giver in family and taker in family
            if both and self._open[giver] < -TOLERANCE and self._open[taker] > TOLERANCE:
                self._pair(giver, taker)

    def _pairs(self) -> list[tuple[str, str]]:
        givers = [p for p, n in self._open.items() if n < -TOLERANCE]
        takers = [p for p, n in self._open.items() if n > TOLERANCE]
        return [(g, t) for g in givers for t in takers]


def _is_ledger(species: str, reaction: Reaction) -> bool:
    """Whether a species of the surroundings gives what is not followed (a precursor of NAD)."""
    metabolite = metabolite_of(species)
    alone = sum(metabolite_of(s) == metabolite for s in reaction.stoichiometry) == 1
    return species.endswith("_g") and alone


def _substance(pool: str) -> tuple[str, str]:
    species, _, residue = pool.partition("/")
    return metabolite_of(species), residue

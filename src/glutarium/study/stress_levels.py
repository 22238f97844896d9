"""How far the whole stress screen goes and what it calls an alarm, as ``stress.tsv`` says it.

==========  ==================================================================================
kind        meaning of the value
==========  ==================================================================================
block       share that is left of the capacity of each enzyme and transporter
raise       fold of that capacity
nutrient    mM that are left of each nutrient of the reference medium
oxygen      fraction of 1 atm in the gas phase
dose        multiple of the potency of each inhibitor on its most sensitive target
length      of a run, h
rise        fold of its reference above which a pool is an alarm
smallest    mM below which a pool is none
lowest      mM of the target species below which energy is lost
locked      share of its moiety at which a minor form is an alarm
minor       share of its moiety below which a form is a minor one at rest
moiety      copies in each of the target's metabolites, besides moieties of accretion reactions
free        share of its reference below which the target's metabolites are used up
permeates   none; the target crosses the lipid of a membrane, where no protein can be blocked
residues    residues of a protein, for the number of proteins in a gram of the target
==========  ==================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.errors import KnowledgeError, Location

if TYPE_CHECKING:
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.knowledge.records import StressLevel

__all__ = ["Levels", "read_levels"]


@dataclass(frozen=True)
class Levels:
    """Rows of ``stress.tsv`` by kind.

    Attributes
    ----------
    base
        Where the table stands.
    """

    base: KnowledgeBase

    def rows(self, kind: str) -> tuple[StressLevel, ...]:
        """All rows of a kind."""
        return self.base.stress.where("kind", kind)

    def row(self, kind: str) -> StressLevel:
        """The one row of a kind.

        Raises
        ------
        KnowledgeError
            The table has none.
        """
        rows = self.rows(kind)
        if not rows:
            path = self.base.path("stress")
            message = f"{path.name} has no row of kind {kind!r}; add one"
            raise KnowledgeError(message, location=Location(path))
        return rows[0]

    def value(self, kind: str) -> float:
        """Value of the one row of a kind."""
        return self.row(kind).value


def read_levels(base: KnowledgeBase) -> Levels:
    """Read the levels of a knowledge base."""
    return Levels(base)

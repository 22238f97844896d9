"""What a tissue is made of, as data say: how much of each cell there is, and what each one expresses.

Files of all kinds become one :class:`Composition`: shares of the dry mass that add up to one, and profiles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.profiles import Profile

__all__ = ["Composition", "Part", "SingleCellOptions", "by_mass", "scaled"]

DRY_MASS = "cell.dry_mass"


@dataclass(frozen=True, slots=True)
class SingleCellOptions:
    """What a user says of a file of single cells.

    Attributes
    ----------
    scale
        ``counts``, ``TPM``, ``log2``, ``ln`` or ``log10``; by default what the numbers look like.
    annotation
        Column of ``obs`` with kinds of cell; by default one that is called like it; ``none`` for none.
    """

    scale: str | None = None
    annotation: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of cell of a tissue.

    Attributes
    ----------
    cell
        Its name.
    share
        Of the dry mass, 0 to 1.
    count
        Cells that were read, where single cells were.
    profile
        Expression over that of the reference cell, where enough was read.
    """

    cell: str
    share: float
    count: float | None = None
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """What was read of a file.

    Attributes
    ----------
    path
        The file.
    kind
        What it holds, in words.
    parts
        Kinds of cell, the largest first.
    report
        What was used, missing and left out: a heading and a line each.
    """

    path: Path
    kind: str
    parts: tuple[Part, ...]
    report: tuple[tuple[str, str], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The report in a few lines."""
        shares = ", ".join(f"{p.cell} {p.share:.3g}" for p in self.parts)
        first = f"cells from {self.path.name} ({self.kind}), shares of dry mass: {shares}"
        return (first, *(f"{what}: {text}" for what, text in self.report))


def by_mass(counts: Mapping[str, float], base: KnowledgeBase) -> dict[str, float]:
    """Shares of the dry mass from numbers of cells."""
    usual = base.constants[DRY_MASS].value
    own = {cell: base.dry_masses.get(cell) for cell in counts}
    masses = {
        cell: count * (usual if (row := own[cell]) is None else row.value)
        for cell, count in counts.items()
    }
    whole = sum(masses.values())
    return {cell: mass / whole for cell, mass in masses.items()}


def scaled(parts: Mapping[str, Part]) -> tuple[Part, ...]:
    """Parts with shares that add up to one, the largest first."""
    whole = sum(part.share for part in parts.values())
    new = (replace(part, share=part.share / whole) for part in parts.values())
    return tuple(sorted(new, key=lambda part: -part.share))

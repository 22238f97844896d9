"""Stage 3d: where the entries of the factors lie in memory, so that loops run through them in order.

First come the entries right of the diagonal of all rows before the full block, then the diagonals of
these, then what lies left of the diagonal outside the block in all rows, then the block row after row.
Solving goes through the third part forwards and through the first two for the way back. Rows of one
level with equally many entries stand together, so that loops over their entries are equally long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from glutarium.compile.factor import factors
from glutarium.compile.sizes import MOST_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from glutarium.compile.factor import Factors

__all__ = ["Storage", "runs", "stored"]


@dataclass(frozen=True)
class Storage:
    """Places of the entries of a pattern.

    Parameters
    ----------
    pattern
        The factors.
    bound
        Unknowns that follow from others, which the factors leave out: unknown → weights of the others in
        it, with a minus sign; see :mod:`glutarium.compile.conserved`.
    given
        (Row, column) of the matrix, where there are bound unknowns: entries in their rows and columns stand
        behind the factors.
    """

    pattern: Factors
    bound: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    given: tuple[tuple[int, int], ...] = ()

    @cached_property
    def beside(self) -> dict[tuple[int, int], int]:
        """(Row, column) of what has no place in the factors → place."""
        outside = [e for e in self.given if e[0] in self.bound or e[1] in self.bound]
        return {entry: self.pattern.n_entries + k for k, entry in enumerate(outside)}

    @property
    def n_entries(self) -> int:
        """Entries of the matrix and of both factors together; the one after them is spare."""
        return self.pattern.n_entries + len(self.beside)

    @property
    def small(self) -> bool:
        """Whether code for these factors is written entry by entry."""
        return self.pattern.n_entries <= MOST_ENTRIES

    @cached_property
    def forward(self) -> list[int]:
        """Positions in the order whose rows have entries outside the block left of the diagonal."""
        p = self.pattern
        levels = [*zip(p.levels, p.levels[1:], strict=False), (p.before, len(p.order))]
        rows = [i for a, b in levels for i in sorted(range(a, b), key=lambda i: len(self.left(i)))]
        return [i for i in rows if self.left(i)]

    @cached_property
    def backward(self) -> list[int]:
        """Positions in the order before the block, last level first."""
        p = self.pattern
        levels = list(zip(p.levels, p.levels[1:], strict=False))
        return [
            i
            for a, b in reversed(levels)
            for i in sorted(range(a, b), key=lambda i: len(self.right(i)))
        ]

    def left(self, i: int) -> range:
        """Entries of a row left of its diagonal and of the block."""
        p = self.pattern
        start, end = p.lower(i)
        return range(start, end - max(0, i - p.before))

    def right(self, i: int) -> range:
        """Entries of a row right of its diagonal."""
        return range(self.pattern.diagonal[i] + 1, self.pattern.starts[i + 1])

    @cached_property
    def places(self) -> list[int]:
        """Place of every entry."""
        p = self.pattern
        block = range(p.before, len(p.order))
        sequence = [
            *(q for i in self.backward for q in self.right(i)),
            *(p.diagonal[i] for i in self.backward),
            *(q for i in self.forward for q in self.left(i)),
            *(q for i in block for q in range(p.starts[i + 1] - p.full, p.starts[i + 1])),
        ]
        places = [0] * len(sequence)
        for place, entry in enumerate(sequence):
            places[entry] = place
        return places

    @property
    def diagonals_start(self) -> int:
        """Place of the first diagonal."""
        return sum(len(self.right(i)) for i in self.backward)

    @property
    def lower_start(self) -> int:
        """Place of the first entry left of the diagonal."""
        return self.diagonals_start + self.pattern.before

    @property
    def block_start(self) -> int:
        """Place of the first entry of the block."""
        return self.pattern.n_entries - self.pattern.full**2

    @cached_property
    def slots(self) -> dict[tuple[int, int], int]:
        """(Row, column) of the matrix → place."""
        p = self.pattern
        return {
            (unknown, p.columns[q]): self.places[q]
            for i, unknown in enumerate(p.order)
            for q in range(p.starts[i], p.starts[i + 1])
        } | self.beside

    @cached_property
    def below(self) -> list[list[int]]:
        """Positions of the rows that have an entry below each pivot."""
        p = self.pattern
        position = {unknown: i for i, unknown in enumerate(p.order)}
        found: list[list[int]] = [[] for _ in p.order]
        for i in range(len(p.order)):
            for q in self.left(i):
                found[position[p.columns[q]]].append(i)
        return found


def stored(entries: Collection[tuple[int, int]], n: int) -> Storage:
    """Places of the factors of a matrix with these (row, column).

    A small system has no full block. Written entry by entry, what its block would add in entries that are
    zero, and its loops, cost an eighth of a step of 60 unknowns and a twentieth of one of 150, measured.
    """
    plain = Storage(factors(entries, n, full_end=False))
    return plain if plain.small else Storage(factors(entries, n))


def runs(counts: Iterable[int]) -> Sequence[tuple[int, int]]:
    """Equal neighbours joined: (how many, value)."""
    return [(len(list(group)), value) for value, group in groupby(counts)]

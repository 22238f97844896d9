"""Stage 4c: the code that eliminates all that cells do not share, and leaves what they do.

Several cells in one medium make a large linear system whose only common unknowns are those of the medium.
Eliminating everything else, cell by cell in its own lane, leaves a small full block per cell; the blocks of
all cells are added, solved once, and the rest follows lane by lane::

    spread(m, s)        s := matrix of the lane kernel in the places of these factors
    factorise(s, shift) eliminate everything but the shared unknowns
    forward(s, x)       what is left of a right-hand side for the shared unknowns
    backward(s, x)      the other unknowns, once those are known

Entry ``n_entries`` of ``s`` is spare and zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glutarium.compile.emit import Source, header
from glutarium.compile.emit_factors import emit_factorise
from glutarium.compile.emit_solve import emit_halves
from glutarium.compile.writer import Writer, table

if TYPE_CHECKING:
    from glutarium.compile.bordered import Bordered
    from glutarium.compile.storage import Storage
    from glutarium.compile.values import Lanes

__all__ = ["COUPLED_FUNCTIONS", "emit_coupled"]

COUPLED_FUNCTIONS = ("spread", "factorise", "forward", "backward")
"""What the code offers."""


def emit_coupled(model: Bordered, whole: Storage, apart: Storage, lanes: Lanes) -> Source:
    """Write the code.

    Parameters
    ----------
    model
        The bordered model.
    whole
        Places in which the lane kernel leaves its matrix.
    apart
        Places of the factors that keep the shared unknowns.
    lanes
        Value type.
    """
    parts = [
        header(model.lowered.analysis.spec.name, lanes),
        _spread(model, whole, apart, lanes),
        emit_factorise(apart, len(model.lowered.rates), lanes),
        emit_halves(apart, lanes),
    ]
    return Source("\n".join(parts), 0, lanes.width)


def _spread(model: Bordered, whole: Storage, apart: Storage, lanes: Lanes) -> str:
    """Copy entry by entry; the spare entry of the lane kernel's matrix stands for zero."""
    source = [whole.n_entries] * (apart.pattern.n_entries + 1)
    for place in model.entries:
        source[apart.slots[place]] = whole.slots[place]
    w = Writer(lanes)

    def copy(q: str) -> list[str]:
        w.store(w.load("m", w.index("source", q)), "s", q)
        return []

    w.loop("copy", 0, len(source), copy)
    return table("source", source) + w.function("spread", ["m", "s"])

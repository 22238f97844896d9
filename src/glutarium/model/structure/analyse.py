"""Dead ends, blocked reactions and species out of reach, by linear programs on the stoichiometric model.

A flux is blocked if the programs that would make it as large and as small as possible both leave it at
zero (flux variability). Exchanges are open or closed, never limited; so what runs one way only can run
all together, and one program answers for many.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from glutarium.model.assemble import OUTSIDE
from glutarium.model.structure.flux_model import CHARGE, EXCHANGE, GROWTH
from glutarium.model.structure.linear import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glutarium.model.network import Network
    from glutarium.model.structure.flux_model import FluxModel
    from glutarium.model.structure.linear import Name

__all__ = ["blocked", "dead_ends", "unreachable"]

# A variable between zero and one counts as yes above this; the program puts it on either end.
_YES = 0.5
# Fluxes smaller than this are the solver's rounding: those asked for are of size one.
_STILL = 1e-6


def dead_ends(network: Network, model: FluxModel) -> dict[str, str]:
    """Species of the cell that nothing makes or nothing uses → which of the two.

    Growth dilutes every pool and is no use; macromolecules are an end of the cell's metabolism.
    """
    found: dict[str, str] = {}
    rows = model.rows()
    ends = {*network.in_compartment(*OUTSIDE, "b")}
    for species in network.dynamic:
        if species in ends:
            continue
        columns = {r: n for r, n in rows.get(species, {}).items() if r != GROWTH}
        made = any(n > 0 or model.bounds[r][0] < 0 for r, n in columns.items())
        used = any(n < 0 or model.bounds[r][0] < 0 for r, n in columns.items())
        if not made:
            found[species] = "nothing makes it"
        elif not used:
            found[species] = "nothing uses it but growth"
        elif len(columns) == 1:
            found[species] = f"only {next(iter(columns))} makes and uses it"
    return found


def blocked(model: FluxModel) -> list[str]:
    """Reactions that cannot carry a flux in any balanced state.

    What runs one way only can run all at once. What runs both ways is asked for by itself, unless it
    moved in an answer to another question.
    """
    one_way = [c for c, (low, _) in model.bounds.items() if low == 0.0]
    able = _moving(_running(model, one_way, 1.0))
    for column in model.columns:
        for sign in (1.0, -1.0):
            if column not in able and model.bounds[column][0] != 0.0:
                able |= _moving(_running(model, [column], sign))
    return [c for c in model.columns if c not in able and not c.startswith(EXCHANGE)]


def _running(model: FluxModel, columns: Iterable[str], sign: float) -> dict[Name, float]:
    """Fluxes of a balanced state in which as many columns as possible run in a direction."""
    program = _balanced(model)
    for column in columns:
        program.variable(("runs", column), 0.0, 1.0, 1.0)
        program.row(("runs", column), {column: sign, ("runs", column): -1.0}, least=True)
    return dict(program.maximise().values)


def _moving(values: Mapping[Name, float]) -> set[str]:
    return {c for c, v in values.items() if isinstance(c, str) and abs(v) > _STILL}


def unreachable(network: Network, model: FluxModel) -> list[str]:
    """Species of the cell of which nothing can be made from what the medium offers."""
    inside = [s for s in network.dynamic if network.substances[s].compartment not in OUTSIDE]
    program = _balanced(model, surplus=inside)
    for species in inside:
        program.variable(("made", species), 0.0, 1.0, 1.0)
        program.row(
            ("made", species), {("over", species): 1.0, ("made", species): -1.0}, least=True
        )
    values = program.maximise().values
    return [s for s in inside if values.get(("made", s), 0.0) <= _YES]


def _balanced(model: FluxModel, surplus: Iterable[str] = ()) -> Program:
    """All balances; of some species more may be made than used."""
    program = Program()
    for column, (low, high) in model.bounds.items():
        program.variable(column, -inf if low < 0 else 0.0, inf if high > 0 else 0.0)
    over = set(surplus)
    for species in over:
        program.variable(("over", species), 0.0, inf)
    rows = model.rows()
    rows.setdefault(CHARGE, {})
    for row, terms in rows.items():
        more = {("over", row): -1.0} if row in over else {}
        program.row(row, {**terms, **more})
    return program

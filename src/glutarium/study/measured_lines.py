"""Six lines whose exchange and expression were both measured: does expression tell one from another.

Every line runs with the profile that its expression makes of the generic cell, by the path that any user
takes: a table of folds that a study names. Lines are then compared with each other (rank correlation) and
with the generic cell (error), member by member.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.knowledge.vocabulary import vocabulary
from glutarium.study.agreement import Row, shown
from glutarium.study.data_table import DataTable
from glutarium.study.expression_table import read_profile, write_profile
from glutarium.study.measured import EXPRESSION, NCI60
from glutarium.study.parse import read_studies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from glutarium.kernel import Array
    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.study.study import Study

__all__ = ["GENERIC", "LINES", "OBSERVABLES", "Panel", "read_panel"]

SOURCE = "Jain2012; FluxProfilingREGP"
# The table of expression is headed by lines alone; it holds this.
SCALE = "log2 TPM+1"
# Line in the table of fluxes → in that of expression, where they differ.
OTHER_NAME = {"SR": "SR-786"}
# What is compared: name of the compound → observable, and the sign of its uptake in the data.
OBSERVABLES = {
    "glutamine uptake": ("glutamine", "tumour.exchange.glutamine", -1, 1),
    "glucose uptake": ("glucose", "tumour.exchange.glucose", -1, 1),
    "lactate release": ("L-lactate", "tumour.exchange.lactate", 1, -1),
    "growth": ("biomass", "tumour.growth_rate", 1, 1),
}
"""Quantity → row of the data, observable, sign of the data, sign of the observable."""
LINES = ("786-O", "UO-31", "HOP-92", "NCI-H226", "RPMI 8226", "SR")
GENERIC = "generic"
LEAST_CORRELATION = 0.5
LEAST_TOLD = 3

STUDY = """
study: "{line}"
title: A sparse culture in RPMI-1640 with the expression of {line}
system: cell
duration: 72 h
setup:
  cells: [tumour]
  medium: {{base: RPMI-1640}}
{expression}
arms:
  culture: {{}}
"""


@dataclass(frozen=True)
class Panel:
    """Six lines.

    Attributes
    ----------
    studies
        One per line, and one of the generic cell; each has the arm ``culture``.
    measured
        Quantity → one number per line.
    """

    studies: tuple[Study, ...]
    measured: Mapping[str, Array]

    def rows(self, found: Mapping[tuple[str, str], Array]) -> list[Row]:
        """Lines one by one, correlations, errors.

        Parameters
        ----------
        found
            (Line, quantity) → one number per member; the lines and :data:`GENERIC`.
        """
        rows = [row for quantity in self.measured for row in self._each(quantity, found)]
        told = [self._told(quantity, found) for quantity in self.measured]
        return [*rows, *told, _count(told), *self._errors(found)]

    def _each(self, quantity: str, found: Mapping[tuple[str, str], Array]) -> Iterator[Row]:
        unit = "1/h" if quantity == "growth" else "mmol/gDW/h"
        for line, data in zip(LINES, self.measured[quantity], strict=True):
            model = found[line, quantity]
            ran = model[np.isfinite(model)]
            text = f"{float(np.median(ran)) / data:.2g} x" if len(ran) else "no run finished"
            seen = shown(ran, *np.quantile(ran, [0.1, 0.9])) if len(ran) else ""
            yield Row(f"{line} {quantity}", seen, f"{data:.2g}", unit, text, SOURCE, agrees=None)

    def _told(self, quantity: str, found: Mapping[tuple[str, str], Array]) -> Row:
        """Rank correlation of the lines, member by member."""
        table = np.array([found[line, quantity] for line in LINES]).T
        whole = table[np.isfinite(table).all(axis=1)]
        figure = f"six lines, {quantity}: Spearman"
        if not len(whole):
            return Row(figure, "", "", "1", "no run finished", SOURCE, agrees=None, met=False)
        found_rho = np.array([spearman(row, self.measured[quantity]) for row in whole])
        met = bool(np.median(found_rho) > LEAST_CORRELATION)
        seen = shown(found_rho, *np.quantile(found_rho, [0.1, 0.9]))
        asked = f"> {LEAST_CORRELATION:g}"
        return Row(figure, seen, asked, "1", "", SOURCE, agrees=None, met=met)

    def _errors(self, found: Mapping[tuple[str, str], Array]) -> Iterator[Row]:
        """Median factor between model and data, of the lines and of the generic cell."""
        own = np.array([self._error(found, line) for line in LINES])
        generic = np.array([self._error(found, line, GENERIC) for line in LINES])
        rows = [("all", _middle(own), _middle(generic))]
        rows += [
            (q, _middle(own[:, [i]]), _middle(generic[:, [i]])) for i, q in enumerate(self.measured)
        ]
        for quantity, mine, plain in rows:
            figure = f"six lines, {quantity}: median factor of error, generic cell beside it"
            factors, beside = np.exp(mine), np.exp(plain)
            if not (len(factors) and len(beside)):
                lost = False if quantity == "all" else None
                yield Row(figure, "", "", "1", "no run finished", SOURCE, agrees=None, met=lost)
                continue
            met = bool(np.median(factors) < np.median(beside)) if quantity == "all" else None
            seen = shown(factors, *np.quantile(factors, [0.1, 0.9]))
            other = f"< {np.median(beside):.3g}"
            yield Row(figure, seen, other, "1", "", SOURCE, agrees=None, met=met)

    def _error(
        self, found: Mapping[tuple[str, str], Array], line: str, instead: str = ""
    ) -> list[Array]:
        """Absolute log ratio of model and data, per quantity one per member."""
        at = LINES.index(line)
        errors = []
        for quantity, data in self.measured.items():
            model = found[instead or line, quantity]
            with np.errstate(invalid="ignore", divide="ignore"):
                errors.append(np.abs(np.log(model / data[at])))
        return errors


def _middle(errors: Array) -> Array:
    """Median over lines and quantities, one per member; without members that read none."""
    members = errors.reshape(-1, errors.shape[-1]).T
    whole = [row[np.isfinite(row)] for row in members]
    return np.array([np.median(row) for row in whole if len(row)])


def spearman(a: Array, b: Array) -> float:
    """Rank correlation of two rows without ties."""
    first, second = (np.argsort(np.argsort(x)).astype(float) for x in (a, b))
    return float(np.corrcoef(first, second)[0, 1])


def _count(told: Sequence[Row]) -> Row:
    count = sum(bool(row.met) for row in told)
    figure = "six lines: quantities that are told by expression"
    asked = f">= {LEAST_TOLD} of {len(told)}"
    return Row(figure, f"{count}", asked, "1", "", SOURCE, agrees=None, met=count >= LEAST_TOLD)


def read_panel(folder: Path, scratch: Path, base: KnowledgeBase) -> Panel:
    """Read fluxes and expression of the lines, and make a study of each.

    Parameters
    ----------
    folder
        Folder with the data sets.
    scratch
        Folder for the tables that the studies name; it must last until they are translated.
    base
        Holds the expression of the generic cell.

    Raises
    ------
    KnowledgeError, StudyError
        If a file does not hold what is expected.
    """
    table = DataTable(folder / NCI60)
    measured = {}
    for quantity, (row, _, sign, _) in OBSERVABLES.items():
        values = [sign * v for line in LINES for v in table.numbers(line, metabolite=row)]
        measured[quantity] = np.array(values)
    return Panel(tuple(_studies(folder / EXPRESSION, scratch, base)), measured)


def _studies(expression: Path, folder: Path, base: KnowledgeBase) -> list[Study]:
    """Write what a user would write, and read it."""
    texts = [STUDY.format(line=GENERIC, expression="")]
    for line in LINES:
        column = OTHER_NAME.get(line, line)
        personal = read_profile(expression, base, vocabulary(), column=column, scale=SCALE)
        path = folder / f"{line}.tsv".replace(" ", "-")
        write_profile(path, personal.profile, base)
        texts.append(STUDY.format(line=line, expression=f"  expression: {path.name}"))
    file = folder / "lines.yaml"
    file.write_text("\n---\n".join(texts), encoding="utf-8")
    return read_studies([file], vocabulary())

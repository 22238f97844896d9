"""Grids of doses: an arm that stands for many arms, one for each dose or pair of doses.

``drug: {CB-839: {grid: [0.001, 10], points: 9}}`` becomes an arm without the drug and one for each
dose, spaced evenly on a logarithmic scale; two grids become a surface. The new arms are ordinary arms:
the rest of the program does not know them from those that were written one by one.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glutarium.errors import StudyError
from glutarium.names import CONDITION_KINDS
from glutarium.study.fields import as_list, as_mapping, as_quantity
from glutarium.study.yaml_lines import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glutarium.errors import Location
    from glutarium.names import Vocabulary

__all__ = ["GRID", "Grid", "expand_grids"]

GRID = "grid"
_POINTS = "points"
_ENDS = 2
_MOST_GRIDS = 2
_FEWEST, _MOST, _DEFAULT = 2, 25, 9
_EXAMPLE = "{CB-839: {grid: [0.001, 10], points: 9}}"


@dataclass(frozen=True, slots=True)
class Grid:
    """Arms that an arm with one or two grids of doses became.

    Attributes
    ----------
    arm
        Name as it was written.
    drugs
        One drug, or two.
    doses
        For each drug, uM, rising; the first is 0.
    arms
        Names of the arms, the doses of the last drug running fastest.
    """

    arm: str
    drugs: tuple[str, ...]
    doses: tuple[tuple[float, ...], ...]
    arms: tuple[str, ...]


def expand_grids(
    arms: Mapping[str, Node], vocabulary: Vocabulary
) -> tuple[dict[str, Node], tuple[Grid, ...]]:
    """Write out arms that hold grids of doses.

    Parameters
    ----------
    arms
        Name → what was written.
    vocabulary
        All names.

    Returns
    -------
    arms
        All arms, in the order of the file; those of a grid stand where their arm stood.
    grids
        What became of the arms with grids.

    Raises
    ------
    GlutariumError
        A grid that makes no sense; names file and line.
    """
    written: dict[str, Node] = {}
    grids: list[Grid] = []
    for name, node in arms.items():
        levels = _levels(node, vocabulary)
        if not levels:
            _add(written, name, node)
            continue
        grid = _grid(name, levels)
        for made, doses in zip(grid.arms, itertools.product(*grid.doses), strict=True):
            _add(written, made, _with_doses(node, dict(zip(levels, doses, strict=True))))
        grids.append(grid)
    return written, tuple(grids)


def _add(written: dict[str, Node], name: str, node: Node) -> None:
    if name in written:
        message = f"The arm {name!r} comes from a grid of doses and stands here as well; rename one"
        raise StudyError(message, location=node.location)
    written[name] = node


def _levels(node: Node, vocabulary: Vocabulary) -> dict[str, tuple[str, tuple[float, ...]]]:
    """Drug as it is written → its name and doses, of those drugs that have a grid."""
    drugs = node.value.get("drug") if isinstance(node.value, dict) else None
    if drugs is None or not isinstance(drugs.value, dict):
        return {}
    held = {
        text: value
        for text, value in drugs.value.items()
        if isinstance(value.value, dict) and GRID in value.value
    }
    if len(held) > _MOST_GRIDS:
        message = f"An arm may hold grids of at most {_MOST_GRIDS} drugs, not of {len(held)}"
        raise StudyError(message, location=drugs.location)
    return {
        text: (
            vocabulary.resolve(text, CONDITION_KINDS["drug"], location=drugs.where(text)),
            _doses(value, f"drug.{text}"),
        )
        for text, value in held.items()
    }


def _doses(node: Node, what: str) -> tuple[float, ...]:
    """Zero, then the doses, uM."""
    items = as_mapping(node, what, (GRID, _POINTS))
    if GRID not in items:
        message = f"{what}.grid is empty: write {_EXAMPLE}"
        raise StudyError(message, location=node.location)
    ends = as_list(items[GRID], f"{what}.grid")
    if len(ends) != _ENDS:
        message = (
            f"{what}.grid takes the lowest and the highest dose, not {len(ends)} values: {_EXAMPLE}"
        )
        raise StudyError(message, location=items[GRID].location)
    low, high = (as_quantity(end, f"{what}.grid", "drug", "positive") for end in ends)
    if low >= high:
        message = f"{what}.grid: {low:g} uM is not below {high:g} uM; the lowest dose comes first"
        raise StudyError(message, location=items[GRID].location)
    points = _points(items[_POINTS], what) if _POINTS in items else _DEFAULT
    step = (high / low) ** (1.0 / (points - 1))
    return (0.0, *(float(f"{low * step**i:.6g}") for i in range(points)))


def _points(node: Node, what: str) -> int:
    number = as_quantity(node, f"{what}.points", "fraction", "positive")
    if number != int(number) or not _FEWEST <= number <= _MOST:
        message = f"{what}.points: {number:g} is not a whole number from {_FEWEST} to {_MOST}"
        raise StudyError(message, location=node.location)
    return int(number)


def _grid(name: str, levels: Mapping[str, tuple[str, tuple[float, ...]]]) -> Grid:
    drugs, doses = zip(*levels.values(), strict=True)
    made = (
        " ".join([name, *(f"{d} {x:g}" for d, x in zip(drugs, pair, strict=True))])
        for pair in itertools.product(*doses)
    )
    return Grid(name, drugs, doses, tuple(made))


def _with_doses(node: Node, doses: Mapping[str, float]) -> Node:
    """The arm with numbers where its grids stood."""
    assert isinstance(node.value, dict)
    drugs = node.value["drug"]
    assert isinstance(drugs.value, dict)
    places: dict[str, Location] = {text: drugs.value[text].location for text in doses}
    given = {text: Node(repr(dose), places[text]) for text, dose in doses.items()}
    return replace(node, value=node.value | {"drug": replace(drugs, value=drugs.value | given)})

"""A layout with the numbers of one cell in one arm: a list of shapes, free of any drawing library.

Width of an arrow follows the flux, its colour the change against the first arm. A reaction that the
result lacks is drawn grey and broken; a net flux against the written direction turns the arrows round.
Without a result all arrows are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glutarium.knowledge.equations import COMPARTMENTS, parse_genes
from glutarium.report.change import Change, change
from glutarium.report.maps.geometry import head, shortened, thinned, width_of
from glutarium.report.maps.legend import HEIGHT, map_legend
from glutarium.report.maps.roles import metabolite_of
from glutarium.report.words import greek, spread_text

if TYPE_CHECKING:
    from glutarium.report.maps.atlas import Atlas
    from glutarium.report.maps.layout import Layout
    from glutarium.report.maps.legend import Bar, Note
    from glutarium.report.maps.lines import Line
    from glutarium.report.maps.shapes import Point, Spot, Station
    from glutarium.report.readings import Readings

__all__ = ["Arm", "Arrow", "Drawing", "Pill", "Stroke", "draw", "largest_flux"]

_HEAD_LENGTH, _HEAD_WIDTH = 7.0, 8.0
_PLAIN = 1.8
_VISIBLE = 0.25  # how far a line may be off in units of the drawing
_LEGEND_WIDTH = 1120.0
_SUFFIXES = {"c": "_cytosol", "m": "_mito"}


@dataclass(frozen=True, slots=True)
class Arm:
    """Whose numbers are shown.

    Attributes
    ----------
    readings
        The result.
    cell
        Whose reactions and pools.
    index
        Which arm.
    largest
        Flux of the widest arrow, the same for all arms that are compared.
    """

    readings: Readings
    cell: str
    index: int
    largest: float

    def change(self, observable: str) -> Change | None:
        """The observable in this arm; None where the result lacks it."""
        if observable not in self.readings.units:
            return None
        found = change(self.readings, observable, self.index)
        return found if found.value else None


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line of a reaction; ``head`` is empty at the end that no matter leaves by."""

    points: tuple[Point, ...]
    head: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A reaction: all its lines, their width and colour; ``step`` None is not in the result."""

    station: Station
    strokes: tuple[Stroke, ...]
    width: float
    step: int | None
    hover: str


@dataclass(frozen=True, slots=True)
class Pill:
    """A species; ``step`` is None where the result lacks its concentration."""

    spot: Spot
    step: int | None
    hover: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is drawn."""

    layout: Layout
    arrows: tuple[Arrow, ...]
    pills: tuple[Pill, ...]
    legend: tuple[Bar | Note, ...]
    width: float
    height: float


def largest_flux(readings: Readings, cell: str, layout: Layout) -> float:
    """Largest median flux of any drawn reaction in any arm, mmol/gDW/h; the scale of the widths."""
    drawn = {f"{cell}.reaction.{s.reaction}" for s in layout.stations} & set(readings.units)
    medians = [abs(s.median) for name in drawn for s in readings.ends(name) if s]
    return max(medians, default=0.0)


def draw(atlas: Atlas, layout: Layout, arm: Arm | None = None) -> Drawing:
    """Put numbers on a layout.

    Parameters
    ----------
    atlas
        The network.
    layout
        A layout of some of it.
    arm
        Whose numbers; None for a map without.
    """
    lines: dict[str, list[Line]] = {}
    for line in layout.lines:
        lines.setdefault(line.reaction, []).append(line)
    width, height = layout.width, layout.height
    legend: tuple[Bar | Note, ...] = ()
    if arm is not None:
        arms = arm.readings.arms
        legend = map_legend(arms[arm.index], arms[0], arm.largest, layout.height)
        width, height = max(width, _LEGEND_WIDTH), height + HEIGHT
    return Drawing(
        layout,
        tuple(_arrow(atlas, s, lines.get(s.reaction, []), arm) for s in layout.stations),
        tuple(_pill(atlas, spot, arm) for spot in layout.spots),
        legend,
        width,
        height,
    )


def _arrow(atlas: Atlas, station: Station, lines: list[Line], arm: Arm | None) -> Arrow:
    found = arm.change(f"{arm.cell}.reaction.{station.reaction}") if arm else None
    flux = found.value.median if found else np.nan
    width = width_of(flux, arm.largest) if arm else _PLAIN
    hover = _lead(atlas, station.reaction)
    if arm:
        hover += f"\n{_numbers(arm, found, 'mmol/gDW/h')}"
    return Arrow(
        station,
        tuple(_stroke(line, width, backward=flux < 0) for line in lines),
        width,
        (found.step if found else None) if arm else 0,
        hover,
    )


def _stroke(line: Line, width: float, *, backward: bool) -> Stroke:
    """Matter comes in without a head and leaves with one."""
    points = thinned(line.points, _VISIBLE)
    points = points[::-1] if backward else points
    if line.enters != backward or len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return Stroke(points, ())
    length = _HEAD_LENGTH + 0.9 * width
    tip = head([_behind(points, length), points[-1]], length, _HEAD_WIDTH + 1.1 * width)
    return Stroke(tuple(shortened(points, length * 0.8)), tuple(tip))


def _behind(points: tuple[Point, ...], length: float) -> Point:
    """Where a head of some length begins on a line."""
    return shortened(points, length)[-1] if len(points) > 2 else points[0]  # noqa: PLR2004


def _lead(atlas: Atlas, reaction: str) -> str:
    record = atlas.base.reactions[reaction]
    lines = [f"{reaction}, {record.name}", _equation(atlas, reaction)]
    genes = " or ".join(" with ".join(way.genes) for way in parse_genes(record.genes))
    return "\n".join([*lines, f"genes: {genes}"] if genes else lines)


def _equation(atlas: Atlas, reaction: str) -> str:
    """``glutamine + water → glutamate + ammonia (mitochondria)``."""
    row = atlas.network.reactions[reaction]
    homes = {s.rpartition("_")[2] for s in row.stoichiometry}
    sides = [
        " + ".join(_term(atlas, s, abs(row.stoichiometry[s]), tag=len(homes) > 1) for s in side)
        for side in (row.substrates, row.products)
    ]
    place = "" if len(homes) > 1 else f" ({COMPARTMENTS.get(homes.pop(), '')})"
    return f"{sides[0]} {'⇌' if row.reversible else '→'} {sides[1]}{place}"


def _term(atlas: Atlas, species: str, count: float, *, tag: bool) -> str:
    lead = "" if count == 1 else f"{count:.3g} "
    suffix = species.rpartition("_")[2]
    place = f" ({suffix})" if tag else ""
    return f"{lead}{greek(atlas.network.substances[species].name)}{place}"


def _numbers(arm: Arm, found: Change | None, unit: str) -> str:
    if found is None:
        return "not in this result"
    text = f"{spread_text(found.value)} {unit}"
    if found.count:
        text += f"\n{found.text} against {arm.readings.arms[0]}"
    return text


def _pill(atlas: Atlas, spot: Spot, arm: Arm | None) -> Pill:
    suffix = spot.species.rpartition("_")[2]
    name = atlas.base.metabolites[metabolite_of(spot.species)].name
    lead = f"{greek(name)} ({COMPARTMENTS.get(suffix, suffix)})"
    if arm is None:
        return Pill(spot, 0, lead)
    observable = _observable(arm.cell, name, suffix)
    found = arm.change(observable)
    unit = arm.readings.units.get(observable, "")
    return Pill(spot, found.step if found else None, f"{lead}\n{_numbers(arm, found, unit)}")


def _observable(cell: str, name: str, suffix: str) -> str:
    if suffix == "e":
        return f"medium.{name}"
    if suffix == "b":
        return f"{cell}.macromolecule.{name}"
    return f"{cell}.pool.{name}{_SUFFIXES.get(suffix, f'_{suffix}')}"

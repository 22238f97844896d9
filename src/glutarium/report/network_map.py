"""The network of one cell in one arm as a list of shapes, free of any drawing library.

Width of an arrow follows the flux, its colour the change against the first arm. A reaction that the
result lacks is drawn grey and broken; a net flux against the written direction turns the arrow round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from glutarium.report.change import Change, change
from glutarium.report.chosen import reaction_name
from glutarium.report.map_geometry import between, head, longest, rounded, shortened, width_of
from glutarium.report.map_layout import COMPARTMENTS, PLAIN, nodes, routes
from glutarium.report.map_legend import map_legend
from glutarium.report.words import greek, spread_text

if TYPE_CHECKING:
    from glutarium.report.map_layout import Node, Point, Route
    from glutarium.report.map_legend import Bar, Note
    from glutarium.report.readings import Readings

__all__ = ["Arrow", "NetworkMap", "Pill", "Word", "draw_map", "largest_flux"]

Anchor = Literal["start", "middle", "end"]

_HEAD_LENGTH, _HEAD_WIDTH = 7.0, 8.0
_PLACES = {"c": "cytosol", "m": "matrix", "e": "medium", "b": "biomass"}
_POOL_SUFFIX = {"c": "_cytosol", "m": "_mito"}


@dataclass(frozen=True, slots=True)
class Word:
    """Text on the map; ``ground`` is the compartment behind it."""

    text: str
    at: Point
    anchor: Anchor
    ground: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A reaction's line and head; ``step`` is None where the result lacks the reaction."""

    reaction: str
    line: tuple[Point, ...]
    head: tuple[Point, ...]
    width: float
    step: int | None
    hover: str
    word: Word | None


@dataclass(frozen=True, slots=True)
class Pill:
    """A species; ``step`` is None where the result lacks its concentration."""

    node: Node
    step: int | None
    hover: str


@dataclass(frozen=True, slots=True)
class NetworkMap:
    """Everything that is drawn for one cell in one arm; ``links`` are plain lines."""

    links: tuple[tuple[Point, ...], ...]
    arrows: tuple[Arrow, ...]
    pills: tuple[Pill, ...]
    legend: tuple[Bar | Note, ...]


def largest_flux(readings: Readings, cell: str) -> float:
    """Largest median flux of any drawn reaction in any arm, mmol/gDW/h; the scale of the widths."""
    drawn = {f"{cell}.reaction.{r.reaction}" for r in routes()} & set(readings.units)
    medians = [abs(s.median) for name in drawn for s in readings.ends(name) if s]
    return max(medians, default=0.0)


def draw_map(readings: Readings, cell: str, arm: int, largest: float) -> NetworkMap:
    """Lay out the map of one arm.

    Parameters
    ----------
    readings
        The result.
    cell
        Whose reactions and pools are shown.
    arm
        Index of the arm.
    largest
        Flux of the widest arrow, the same for all arms that are compared.
    """
    return NetworkMap(
        links=tuple(_link(route) for route in routes() if route.reaction == PLAIN),
        arrows=tuple(
            _arrow(readings, cell, arm, largest, route)
            for route in routes()
            if route.reaction != PLAIN
        ),
        pills=tuple(_pill(readings, cell, arm, node) for node in nodes().values()),
        legend=map_legend(readings.arms[arm], readings.arms[0], largest),
    )


def _link(route: Route) -> tuple[Point, ...]:
    return tuple(rounded(between(nodes()[route.start], nodes()[route.end], route.path)))


def _arrow(readings: Readings, cell: str, arm: int, largest: float, route: Route) -> Arrow:
    found = _change(readings, f"{cell}.reaction.{route.reaction}", arm)
    flux = found.value.median if found else np.nan
    start, end = nodes()[route.start], nodes()[route.end]
    corners = between(start, end, route.path)
    word = _word(route, corners)
    line = corners[::-1] if flux < 0 else corners
    width = width_of(flux, largest)
    length = _HEAD_LENGTH + 0.9 * width
    return Arrow(
        reaction=route.reaction,
        line=tuple(rounded(shortened(line, length * 0.8))),
        head=tuple(head(line, length, _HEAD_WIDTH + 1.1 * width)),
        width=width,
        step=found.step if found else None,
        hover=_hover(_lead(route, start, end), found, readings, "mmol/gDW/h"),
        word=word,
    )


def _change(readings: Readings, observable: str, arm: int) -> Change | None:
    if observable not in readings.units:
        return None
    found = change(readings, observable, arm)
    return found if found.value else None


def _lead(route: Route, start: Node, end: Node) -> str:
    name = reaction_name(route.reaction)
    known = f"{route.reaction}, {name}" if name else route.reaction
    return f"{known}\n{_way(start, end)}"


def _way(start: Node, end: Node) -> str:
    places = [_PLACES.get(n.compartment, "") for n in (start, end)]
    first, last = (greek(n.name or n.label) for n in (start, end))
    if places[0] == places[1]:
        return f"{first} → {last} ({places[0]})"
    return f"{first} ({places[0]}) → {last} ({places[1]})"


def _hover(lead: str, found: Change | None, readings: Readings, unit: str) -> str:
    if found is None:
        return f"{lead}\nnot in this result"
    text = f"{lead}\n{spread_text(found.value)} {unit}"
    if found.count:
        text += f"\n{found.text} against {readings.arms[0]}"
    return text


def _pill(readings: Readings, cell: str, arm: int, node: Node) -> Pill:
    place = _PLACES.get(node.compartment, "")
    lead = f"{greek(node.name or node.label)} ({place})"
    if node.remark:
        return Pill(node, None, lead)
    name = _observable(cell, node)
    found = _change(readings, name, arm)
    unit = readings.units.get(name, "")
    return Pill(node, found.step if found else None, _hover(lead, found, readings, unit))


def _observable(cell: str, node: Node) -> str:
    if node.compartment == "e":
        return f"medium.{node.name}"
    if node.compartment == "b":
        return f"{cell}.macromolecule.{node.name}"
    return f"{cell}.pool.{node.name}{_POOL_SUFFIX[node.compartment]}"


def _word(route: Route, line: list[Point]) -> Word | None:
    if route.label == "none":
        return None
    if "," in route.label:
        left, top, side = route.label.split(",")
        return _on_ground(route.reaction, (float(left), float(top)), side)
    (x0, y0), (x1, y1) = longest(line)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    shift: dict[str, tuple[float, float, str]] = {
        "above": (0, -10, "middle"),
        "below": (0, 19, "middle"),
        "left": (-11, 4, "end"),
        "right": (11, 4, "start"),
    }
    dx, dy, anchor = shift[route.label]
    return _on_ground(route.reaction, (x + dx, y + dy), anchor)


def _on_ground(text: str, at: Point, anchor: str) -> Word:
    ground = next(box.name for box in reversed(COMPARTMENTS) if box.holds(at))
    checked: Anchor = "start" if anchor == "start" else "end" if anchor == "end" else "middle"
    return Word(text.replace("_", "+"), at, checked, ground)

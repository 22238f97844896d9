"""Where things stand on the map: nodes and routes from two hand-made tables, and compartments.

``map_nodes.tsv`` holds species id, centre, label and canonical name. A species id with ``@`` is a
remark beside a reaction: it is written without a frame and stands for no pool. ``map.tsv`` holds one
arrow per row: reaction (``-`` is a plain line), start and end node, way points ``x,y x,y`` and where
the label goes: ``above``, ``below``, ``left``, ``right``, ``none`` or ``x,y,anchor``. A reaction with
several substrates may have several rows. ``x`` runs to the right and ``y`` downward.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias

__all__ = [
    "COMPARTMENTS",
    "HEIGHT",
    "PLAIN",
    "WIDTH",
    "Box",
    "Node",
    "Point",
    "Route",
    "nodes",
    "routes",
]

Point: TypeAlias = tuple[float, float]

WIDTH, HEIGHT = 1680.0, 1180.0
PLAIN = "-"
"""In the place of a reaction: a plain line that belongs to none."""

_LETTER, _PADDING, _NODE_HEIGHT = 8.2, 18.0, 26.0


@dataclass(frozen=True, slots=True)
class Box:
    """A compartment: a rectangle with round corners, its title and where that stands."""

    name: str
    title: str
    left: float
    top: float
    right: float
    bottom: float
    label: Point

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


COMPARTMENTS = (
    Box("medium", "medium", 6, 6, WIDTH - 6, HEIGHT - 6, (28, 40)),
    Box("cytosol", "cytosol", 128, 88, WIDTH - 140, HEIGHT - 76, (148, 118)),
    Box("matrix", "mitochondrial matrix", 506, 538, 1290, 1000, (812, 986)),
)


@dataclass(frozen=True, slots=True)
class Node:
    """A species on the map.

    Attributes
    ----------
    species
        Id such as ``gln_c``; with ``@`` a remark.
    x, y
        Centre.
    label
        What is written.
    name
        Canonical name of the metabolite, as observables use it; empty for a remark.
    """

    species: str
    x: float
    y: float
    label: str
    name: str

    @property
    def remark(self) -> bool:
        """Whether it is only words beside a reaction."""
        return "@" in self.species

    @property
    def compartment(self) -> str:
        """Last letter of the id: ``e`` medium, ``c`` cytosol, ``m`` matrix, ``b`` biomass."""
        return self.species.partition("@")[0].rpartition("_")[2]

    @property
    def size(self) -> Point:
        """Width (from the length of the label) and height of its frame."""
        return len(self.label) * _LETTER + _PADDING, _NODE_HEIGHT

    def covers(self, point: Point, gap: float = 0.0) -> bool:
        """Whether a point lies in the frame widened by ``gap``."""
        width, height = self.size
        inside_x = abs(point[0] - self.x) <= width / 2 + gap
        return inside_x and abs(point[1] - self.y) <= height / 2 + gap


@dataclass(frozen=True, slots=True)
class Route:
    """An arrow of a reaction, in the direction in which the reaction is written.

    Attributes
    ----------
    reaction
        Its id.
    start, end
        Species at its ends.
    path
        Way points between them.
    label
        Where the id is written; see the module's docstring.
    """

    reaction: str
    start: str
    end: str
    path: tuple[Point, ...]
    label: str


@cache
def nodes() -> dict[str, Node]:
    """Species id → node of the map."""
    return {
        row["species"]: Node(
            row["species"], float(row["x"]), float(row["y"]), row["label"], row["name"]
        )
        for row in _rows("map_nodes.tsv")
    }


@cache
def routes() -> tuple[Route, ...]:
    """All arrows of the map, in the order of the table."""
    return tuple(
        Route(row["reaction"], row["start"], row["end"], _points(row["path"]), row["label"])
        for row in _rows("map.tsv")
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = files("glutarium.report").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def _points(text: str) -> tuple[Point, ...]:
    pairs = (pair.split(",") for pair in text.split())
    return tuple((float(x), float(y)) for x, y in pairs)

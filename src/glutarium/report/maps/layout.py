"""Where everything of a map stands, in units of the drawing; free of fluxes and of any library.

A column of the grid is as wide, and a row as high, as what stands in it needs. So no two frames, labels
or words can overlap, whatever is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from glutarium.knowledge.equations import COMPARTMENTS
from glutarium.report.maps.graph import CYTOSOL, MEDIUM, home_of
from glutarium.report.maps.lines import Line, draw_line
from glutarium.report.maps.roles import metabolite_of
from glutarium.report.maps.shapes import (
    TITLE_SIZE,
    Box,
    Point,
    Spot,
    Station,
    make_spot,
    make_station,
)
from glutarium.report.maps.text import label_of, short_label, text_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.model.network import Network
    from glutarium.report.maps.graph import Graph, Item
    from glutarium.report.maps.regions import Frame, Grid, Ints
    from glutarium.report.maps.roles import Roles

__all__ = ["Detail", "Layout", "Room", "Sheet", "make_layout"]

Detail: TypeAlias = Literal["full", "overview"]

_GAP_X, _GAP_Y = 14.0, 10.0
_IDLE = 8.0  # what an empty column or row leaves for lines
_EDGE = 10.0  # half of a border's row or column, at least
_TITLE = 24.0  # what a compartment's title needs below its upper border
_BASE = 17.0  # from there to its base line
_MARGIN = 14.0


@dataclass(frozen=True)
class Sheet:
    """What is drawn of which network.

    Attributes
    ----------
    base, network, roles
        Tables, network and the roles of its reactions.
    graph, grid, cells
        Items and where they stand on the grid.
    detail
        ``full``: all participants beside their reaction; ``overview``: lines only.
    """

    base: KnowledgeBase
    network: Network
    roles: Mapping[str, Roles]
    graph: Graph
    grid: Grid
    cells: Ints
    detail: Detail


@dataclass(frozen=True, slots=True)
class Room:
    """A compartment's rectangle, its title and the start of the title's base line."""

    home: str
    title: str
    box: Box
    at: Point

    @property
    def written(self) -> Box:
        """The box that its title fills."""
        width = text_width(self.title, TITLE_SIZE)
        return Box(self.at[0], self.at[1] - TITLE_SIZE, self.at[0] + width, self.at[1])


@dataclass(frozen=True, slots=True)
class Layout:
    """A finished layout.

    Attributes
    ----------
    width, height
        Of the drawing, without a legend.
    rooms
        Compartments, outer ones first.
    spots
        Species with their frames.
    stations
        Reactions with label and words.
    lines
        From substrates to reactions, and from reactions to products.
    """

    width: float
    height: float
    rooms: tuple[Room, ...]
    spots: tuple[Spot, ...]
    stations: tuple[Station, ...]
    lines: tuple[Line, ...]

    @property
    def labels(self) -> list[Box]:
        """All boxes that hold words: titles, frames, labels and words beside reactions."""
        words = [w.box for s in self.stations for w in s.words]
        titles = [room.written for room in self.rooms]
        return [*titles, *(s.box for s in self.spots), *(s.label for s in self.stations), *words]


@dataclass(frozen=True, slots=True)
class _Axis:
    """Coordinates of columns or rows, their whole length, and base lines of titles by row."""

    spots: Mapping[int, float]
    length: float
    titles: Mapping[int, float]


def make_layout(sheet: Sheet) -> Layout:
    """Turn cells into coordinates."""
    cells = [(int(c) % sheet.grid.columns, int(c) // sheet.grid.columns) for c in sheet.cells]
    cell_of = {item.id: cell for item, cell in zip(sheet.graph.items, cells, strict=True)}
    made = [_make(sheet, item, cell_of) for item in sheet.graph.items]
    frames = sheet.grid.frames
    wide = [(x, m.box.left, m.box.right) for (x, _), m in zip(cells, made, strict=True)]
    high = [(y, m.box.top, m.box.bottom) for (_, y), m in zip(cells, made, strict=True)]
    x_edges = {edge for f in frames for edge in (f.left, f.right)}
    y_edges = {edge for f in frames for edge in (f.top, f.bottom)}
    on_top = [(x, y, m.box.bottom) for (x, y), m in zip(cells, made, strict=True)]
    titles = {
        f.top: max([_EDGE, *(b for x, y, b in on_top if y == f.top and f.left <= x <= f.right)])
        for f in frames
    }
    columns = _axis(wide, _GAP_X, x_edges, {}, _spans(sheet))
    rows = _axis(high, _GAP_Y, y_edges, titles)
    placed = [
        m.moved(columns.spots[x], rows.spots[y]) for (x, y), m in zip(cells, made, strict=True)
    ]
    spots = tuple(m for m in placed if isinstance(m, Spot))
    stations = tuple(m for m in placed if isinstance(m, Station))
    rooms = _rooms(sheet, columns, rows)
    bare = Layout(columns.length, rows.length, rooms, spots, stations, ())
    return replace(bare, lines=tuple(_lines(sheet, bare)))


def _make(sheet: Sheet, item: Item, cell_of: Mapping[str, Point]) -> Spot | Station:
    """Make one item at the origin."""
    if not item.reaction:
        return make_spot(item.id, label_of(sheet.base.metabolites[metabolite_of(item.id)]))
    roles = sheet.roles[item.id]
    start, end = (cell_of[side[0] if side else item.id] for side in (roles.sources, roles.targets))
    way = _way(start, end)
    if sheet.detail == "overview":
        return make_station(item.id, way, (), (), border=len(item.homes) > 1)
    texts = [
        [(s, _text(sheet, item.id, s, item.homes)) for s in side]
        for side in (roles.consumed, roles.produced)
    ]
    return make_station(item.id, way, *texts, border=len(item.homes) > 1)


def _way(start: Point, end: Point) -> Point:
    """Direction along an axis that comes closest to a line."""
    dx, dy = 2 * (end[0] - start[0]), end[1] - start[1]
    if abs(dx) >= abs(dy):
        return (1.0 if dx >= 0 else -1.0, 0.0)
    return (0.0, 1.0 if dy > 0 else -1.0)


def _text(sheet: Sheet, reaction: str, species: str, homes: tuple[str, ...]) -> str:
    """Coefficient, short name and, where it is not that of the reaction, compartment."""
    count = abs(sheet.network.reactions[reaction].stoichiometry[species])
    name = short_label(sheet.base.metabolites[metabolite_of(species)])
    lead = f"{count:g} " if count != 1 and count == int(count) else ""
    home = home_of(species)
    return f"{lead}{name}" if homes == (home,) else f"{lead}{name} ({home})"


def _axis(
    extents: Iterable[tuple[int, float, float]],
    gap: float,
    edges: Iterable[int],
    titles: Mapping[int, float],
    spans: Sequence[tuple[int, int, float]] = (),
) -> _Axis:
    """Coordinates of columns or rows.

    Parameters
    ----------
    extents
        Column, and how far what stands there reaches before and after its middle.
    gap
        Between neighbours.
    edges
        Borders of compartments, which need room even when nothing stands on them.
    titles
        Rows below which a title is written → how far what stands above it reaches below their middle.
    spans
        First column, last column and how far apart they must be at least.
    """
    before = dict.fromkeys(edges, _EDGE)
    after = dict(before)
    for column, low, high in extents:
        before[column] = max(before.get(column, 0.0), -low)
        after[column] = max(after.get(column, 0.0), high)
    for row, reach in titles.items():
        after[row] = max(after[row], reach + _TITLE)
    spots: dict[int, float] = {}
    used, last = _MARGIN + (_TITLE if titles else 0.0), None
    for column in sorted(before):
        if last is not None:
            used += gap + _IDLE * min(2, column - last - 1)
        spots[column] = round(used + before[column], 1)
        used += before[column] + after[column]
        last = column
    for first, last_one, least in spans:
        lack = max(0.0, round(least - (spots[last_one] - spots[first]), 1))
        used += lack
        spots = {c: round(at + lack, 1) if c >= last_one else at for c, at in spots.items()}
    lines = {row: round(spots[row] + reach + _BASE, 1) for row, reach in titles.items()}
    return _Axis(spots, round(used + _MARGIN, 1), lines)


def _frames(sheet: Sheet) -> list[Frame]:
    """Frames in which something stands; the cytosol's also around those inside it."""
    used = {home for item in sheet.graph.items for home in item.homes} - {MEDIUM}
    return [f for f in sheet.grid.frames if f.home in used or (f.home == CYTOSOL and used)]


def _spans(sheet: Sheet) -> list[tuple[int, int, float]]:
    """How far apart the borders of compartments must be, so that titles fit; inner ones first."""
    return [
        (f.left, f.right, text_width(COMPARTMENTS.get(f.home, f.home), TITLE_SIZE) + 2 * _MARGIN)
        for f in reversed(sheet.grid.frames)
    ]


def _rooms(sheet: Sheet, columns: _Axis, rows: _Axis) -> tuple[Room, ...]:
    rooms = []
    xs, ys, lines = columns.spots, rows.spots, rows.titles
    if any(MEDIUM in item.homes for item in sheet.graph.items):
        rooms.append(
            Room(
                MEDIUM,
                COMPARTMENTS[MEDIUM],
                Box(0, 0, columns.length, rows.length),
                (_MARGIN, _TITLE),
            )
        )
    for frame in _frames(sheet):
        box = Box(xs[frame.left], ys[frame.top], xs[frame.right], ys[frame.bottom])
        title = COMPARTMENTS.get(frame.home, frame.home)
        rooms.append(Room(frame.home, title, box, (box.left + _MARGIN, lines[frame.top])))
    return tuple(rooms)


def _lines(sheet: Sheet, made: Layout) -> Iterable[Line]:
    """Lines of all reactions, around what is written."""
    by_species = {s.species: s for s in made.spots}
    sheet_box = Box(0.0, 0.0, made.width, made.height)
    written = [b for s in made.stations for b in (s.label, *(w.box for w in s.words))]
    written += [room.written for room in made.rooms]
    for station in made.stations:
        roles = sheet.roles[station.reaction]
        for enters, side in ((True, roles.sources), (False, roles.targets)):
            for species in side:
                spots = [s.box for s in made.spots if s.species != species]
                yield draw_line(
                    station, by_species[species], spots + written, sheet_box, enters=enters
                )

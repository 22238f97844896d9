"""One panel: a frame with scales, grid, ticks, title and unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glutarium.report.palette import ROLES
from glutarium.report.plots.canvas import Area, Block, Dot
from glutarium.report.plots.scale import Scale, ticks
from glutarium.report.words import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutarium.report.plots.canvas import Canvas, Point

__all__ = ["TITLE", "Panel"]

TITLE, _UNIT, _TICK, _LABEL = 12.5, 10.5, 10.5, 11.5
_GAP, _MARK = 6.0, 4.0
_TICK_DROP, _LABEL_DROP, _MIDDLE = 15.0, 30.0, 3.6  # below the frame; half a digit
_INK, _MUTED, _LINE, _GRID = (ROLES[r].light for r in ("ink", "muted", "line", "grid"))


@dataclass(frozen=True, slots=True)
class Panel:
    """A frame on a canvas.

    Attributes
    ----------
    canvas
        Where it stands.
    x, y
        Its scales; ``y.first`` is the lower edge.
    """

    canvas: Canvas
    x: Scale
    y: Scale

    @classmethod
    def at(cls, canvas: Canvas, left: float, top: float, right: float, bottom: float) -> Panel:
        """Return a panel in a frame whose scales are not known yet."""
        return cls(canvas, Scale(0, 1, left, right), Scale(0, 1, bottom, top))

    def spanning(
        self, x: tuple[float, float], y: tuple[float, float], *, log: bool = False
    ) -> Panel:
        """The same panel with other ends of its axes; ``log`` for the one of ``x``."""
        across = replace(self.x, low=x[0], high=x[1], log=log)
        return replace(self, x=across, y=replace(self.y, low=y[0], high=y[1]))

    def point(self, x: float, y: float) -> Point:
        """Pixels of a pair of values."""
        return self.x(x), self.y(y)

    def points(self, xs: Sequence[float], ys: Sequence[float]) -> list[Point]:
        """Pixels of pairs of values."""
        return [self.point(x, y) for x, y in zip(xs, ys, strict=True)]

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str,
        width: float = 2.4,
        dash: tuple[float, ...] = (),
    ) -> None:
        """Draw a line through values."""
        self.canvas.line(self.points(xs, ys), colour, width, dash)

    def ribbon(
        self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str
    ) -> None:
        """Fill what lies between two courses."""
        there, back = self.points(xs, high), self.points(xs, low)[::-1]
        self.canvas.shapes.append(Area((*there, *back), colour, 0.14))

    def dot(self, x: float, y: float, colour: str, radius: float = 3.2) -> None:
        """Mark a pair of values."""
        self.canvas.shapes.append(Dot(self.point(x, y), radius, colour))

    def bar(self, x: tuple[float, float], y: float, height: float, colour: str, edge: str) -> None:
        """Draw a bar from one value to another, ``height`` pixels high, around the pixel ``y``."""
        first, last = sorted((self.x(x[0]), self.x(x[1])))
        block = Block(first, y - height / 2, last - first, height, colour, edge)
        self.canvas.shapes.append(block)

    def title(self, text: str, unit: str = "") -> None:
        """Write a title over the left end, and a unit over the right one."""
        height = self.y.last - _GAP
        self.canvas.words((self.x.first, height), text, TITLE, _INK, strong=True)
        if unit not in ("", "1"):
            self.canvas.words((self.x.last, height), unit, _UNIT, _MUTED, "end")

    def label(self, text: str) -> None:
        """Name the horizontal axis."""
        middle = (self.x.first + self.x.last) / 2
        self.canvas.words((middle, self.y.first + _LABEL_DROP), text, _LABEL, _MUTED, "middle")

    def heights(self, most: int) -> None:
        """Grid and ticks of the vertical axis, and its line."""
        for value in ticks(self.y.low, self.y.high, most):
            at = self.y(value)
            self.canvas.line([(self.x.first, at), (self.x.last, at)], _GRID)
            left = self.x.first - _GAP
            self.canvas.words((left, at + _MIDDLE), brief(value), _TICK, _MUTED, "end")
        self.canvas.line([(self.x.first, self.y.last), (self.x.first, self.y.first)], _LINE)

    def marks(self, values: Sequence[float], texts: Sequence[str] | None = None) -> None:
        """Ticks of the horizontal axis, and its line."""
        base = self.y.first
        self.canvas.line([(self.x.first, base), (self.x.last, base)], _LINE)
        for value, text in zip(values, texts or [brief(v) for v in values], strict=True):
            at = self.x(value)
            self.canvas.line([(at, base), (at, base + _MARK)], _LINE)
            self.canvas.words((at, base + _TICK_DROP), text, _TICK, _MUTED, "middle")

    def columns(self, most: int) -> list[float]:
        """Grid across the horizontal axis; returns where its lines stand."""
        found = ticks(self.x.low, self.x.high, most)
        for value in found:
            at = self.x(value)
            self.canvas.line([(at, self.y.last), (at, self.y.first)], _GRID)
        return found

"""A canvas: shapes in pixels, ``y`` running downward, free of any file format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Anchor", "Area", "Block", "Canvas", "Dot", "Line", "Point", "Shape", "Words"]

Point: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; ``dash`` alternates drawn and empty lengths."""

    points: tuple[Point, ...]
    colour: str
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A filled outline."""

    points: tuple[Point, ...]
    colour: str
    opacity: float


@dataclass(frozen=True, slots=True)
class Block:
    """A filled rectangle, with an edge where one is named."""

    left: float
    top: float
    width: float
    height: float
    colour: str
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    at: Point
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text on its baseline."""

    at: Point
    text: str
    size: float
    colour: str
    anchor: Anchor = "start"
    strong: bool = False


Shape: TypeAlias = Line | Area | Block | Dot | Words


@dataclass(frozen=True, slots=True)
class Canvas:
    """Shapes in the order in which they are drawn.

    Attributes
    ----------
    width, height
        Size, pixels.
    shapes
        What stands on it.
    """

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def line(
        self,
        points: Sequence[Point],
        colour: str,
        width: float = 1.0,
        dash: tuple[float, ...] = (),
    ) -> None:
        """Add a line."""
        self.shapes.append(Line(tuple(points), colour, width, dash))

    def words(
        self,
        at: Point,
        text: str,
        size: float,
        colour: str,
        anchor: Anchor = "start",
        *,
        strong: bool = False,
    ) -> None:
        """Add a text."""
        self.shapes.append(Words(at, text, size, colour, anchor, strong))

"""Put the parts together into one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from glutarium.report.extras import require
from glutarium.report.maps.svg import map_css
from glutarium.report.palette import CHANGE, ROLES, Shade, css_variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.report.asked import Asked
    from glutarium.report.palette import ArmStyle
    from glutarium.report.sections import CellPart, Figure
    from glutarium.report.shared import SharedPart
    from glutarium.report.sources import Source

__all__ = ["Page", "Parts", "page_shades", "render_page"]


_TINTS = {0: 0, 1: 13, 2: 24, 3: 38}


@dataclass(frozen=True, slots=True)
class Parts:
    """What was drawn: arms with their colours, cells, medium, balances of glutamine, shared place."""

    arms: tuple[ArmStyle, ...]
    cells: tuple[CellPart, ...]
    places: Figure | None
    balances: Mapping[str, Figure]
    shared: SharedPart | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """Name → content of what stands beside the page."""
        files: dict[str, bytes] = {}
        for part in (*self.cells, self.places, *self.balances.values(), self.shared):
            files |= part.files if part else {}
        return files


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template shows.

    Attributes
    ----------
    title, lead
        Heading and the line under it.
    asked
        The study in words.
    parts
        What was drawn.
    verdicts, tally
        Rows of the verdict table, and counts per verdict (all, hard).
    failures
        Runs that failed.
    finished, runs
        How many runs finished, and how many there were.
    assumed
        How many records are assumptions (None where unknown).
    files
        Names of the tables beside the page.
    made
        Provenance: label and words.
    sources
        Numbered list.
    """

    title: str
    lead: str
    asked: Asked
    parts: Parts
    verdicts: Sequence[Mapping[str, str]]
    tally: Sequence[tuple[str, int, int]]
    failures: Sequence[Mapping[str, str]]
    finished: int
    runs: int
    assumed: int | None
    files: Sequence[str]
    made: Sequence[tuple[str, str]] = ()
    sources: Sequence[Source] = ()


def page_shades(arms: Sequence[ArmStyle]) -> dict[str, Shade]:
    """CSS variable → colour: roles, changes and arms."""
    shades = {**ROLES, **{f"change{step}": shade for step, shade in CHANGE.items()}}
    return shades | {f"arm{i}": arm.shade for i, arm in enumerate(arms)}


def render_page(page: Page) -> str:
    """Fill the template.

    Raises
    ------
    MissingExtraError
        Jinja2 is not installed.
    """
    require("jinja2")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("glutarium.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.j2").render(page=page, css=_css(page.parts.arms))


def _strong(step: int) -> int:
    """Numbers need more contrast than arrows."""
    return {-1: -2, 1: 2}.get(step, step)


def _hue(step: int) -> int:
    """Table cells deepen one hue; the darkest colour of the map would look grey when thinned."""
    return max(-2, min(2, step))


def _css(arms: Sequence[ArmStyle]) -> str:
    shades = page_shades(arms)
    rules = files("glutarium.report").joinpath("templates", "report.css").read_text("utf-8")
    switch = "".join(
        f".arms input:nth-of-type({i + 1}):checked ~ .panels > :nth-child({i + 1}){{display:block}}"
        for i in range(len(arms))
    )
    tints = "".join(
        f".t{step}{{--tone:var(--change{_strong(step)});--tint:var(--change{_hue(step)});"
        f"--share:{_TINTS[abs(step)]}%}}"
        for step in CHANGE
    )
    return (
        f":root{{{css_variables(shades, 'light')}}}"
        f"@media (prefers-color-scheme: dark){{:root{{{css_variables(shades, 'dark')}}}}}"
        f"{rules}{tints}{map_css()}{switch}"
    )

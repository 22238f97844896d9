"""The section of cells that share a place: who took what, and how the place and its cells fared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.report.flows import GLUTAMINE, draw_flows
from glutarium.report.rivals import UNIT, draw_rivals, rivals, rivals_csv, rivals_table
from glutarium.report.sections import Figure, courses
from glutarium.report.takers import takers_csv, takers_table

if TYPE_CHECKING:
    from glutarium.report.readings import Readings
    from glutarium.report.sections import Scene
    from glutarium.report.takers import Takers

__all__ = ["SharedPart", "shared_part"]

_AROUND = ("glutamine", "glucose", "lactate", "oxygen", "pH")
_TITLES = {"tumour_volume": "tumour volume", "pH": "pH"}
_FLOWS = (
    "Glutamine over the whole run, means over the ensemble: from where it came (left), which cells took how "
    "much of it net (middle; in brackets the range from 10 to 90 % of the members, in per cent), and where "
    "its carbon ended (right; what a cell lets out again as glutamine is not counted). Every arm is drawn to "
    "its own total; cells that took less than 2 % are one band. The table has all nutrients and cells, with "
    "medians, what was supplied, and what is left of the balance."
)
_RIVALS = (
    "Net uptake of glutamine by all cells of a kind or clone, per litre of the start and hour, one panel per "
    "arm, each to its own scale; cells that never take 2 % of it are one line; below zero a cell gives "
    "glutamine. Lines are medians over the ensemble, ribbons the range from 10 to 90 % of the members whose "
    "arms all ended well."
)


@dataclass(frozen=True, slots=True)
class SharedPart:
    """Figures of a shared place; any may be missing."""

    flows: Figure | None
    rivals: Figure | None
    courses: Figure | None

    @property
    def files(self) -> dict[str, bytes]:
        """Name → content of what stands beside the page."""
        files: dict[str, bytes] = {}
        for part in (self.flows, self.rivals, self.courses):
            files |= part.files if part else {}
        return files


def shared_part(scene: Scene, takers: Takers | None) -> SharedPart | None:
    """Draw the section; None where every cell has a dish of its own."""
    if takers is None:
        return None
    drawn = courses(scene, _courses(scene.readings, takers), "shared")
    return SharedPart(_flows(scene, takers), _rivals(scene, takers), drawn)


def _rivals(scene: Scene, takers: Takers) -> Figure | None:
    readings = scene.readings
    if GLUTAMINE not in takers.nutrients or readings.time.size < 2:  # noqa: PLR2004 - a rate needs two
        return None
    found = rivals(takers, readings, GLUTAMINE)
    if not found.arms or not found.finished.any():
        return None
    drawn = draw_rivals(found, takers, scene.shades, GLUTAMINE)
    table = rivals_table(found, f"At the end of the run, {UNIT}: median, 10 % – 90 %")
    return Figure(drawn, _RIVALS, table, rivals_csv(found))


def _flows(scene: Scene, takers: Takers) -> Figure | None:
    alt = (
        "Flow diagrams, one per arm: glutamine from blood or medium into the cells, and from the cells to "
        "what became of its carbon. The table below holds the shares of all nutrients."
    )
    drawn = draw_flows(takers, scene.arms, scene.shades, alt=alt)
    if drawn is None:
        return None
    caption = "Share of every cell in what all cells took net, and the balance, mmol per litre of the start"
    table = takers_table(takers, scene.readings, caption)
    return Figure(drawn, _FLOWS, table, takers_csv(takers, scene.readings))


def _courses(readings: Readings, takers: Takers) -> dict[str, str]:
    """Observable → title, of those that the result has."""
    place = "tissue" if takers.fed else "medium"
    names = {f"{place}.{name}": _TITLES.get(name, name) for name in _AROUND}
    names |= {"tissue.tumour_volume": "tumour volume"}
    names |= {f"{c}.density": f"{c.replace('_', ' ')}, dry mass" for c in takers.cells}
    return {name: title for name, title in names.items() if name in readings.units}

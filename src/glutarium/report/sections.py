"""Parts of the page: figures with their tables, for one cell or for the whole system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from glutarium.report import chosen, tables
from glutarium.report.balance import draw_balance
from glutarium.report.curves import draw_courses
from glutarium.report.dose import dose_observables, draw_doses, half_effect
from glutarium.report.headline import stories
from glutarium.report.maps.atlas import atlas
from glutarium.report.maps.drawing import Arm, draw, largest_flux
from glutarium.report.maps.png import png_map
from glutarium.report.maps.svg import map_svg
from glutarium.report.words import slug, spread_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.report.balance import Balance
    from glutarium.report.dose import Series
    from glutarium.report.headline import Story
    from glutarium.report.maps.layout import Layout
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.plots.picture import Picture
    from glutarium.report.readings import Readings
    from glutarium.report.tables import Table

__all__ = ["CellPart", "Figure", "MapPanel", "Scene", "balance_part", "cell_part", "places_part"]

_RIBBON = "Lines are medians over the ensemble, ribbons the range from 10 to 90 % of its members."
_POINTS = "Points are medians, whiskers and ribbon the range from 10 to 90 % of the members."


@dataclass(frozen=True, slots=True)
class Scene:
    """What all parts are drawn from.

    Attributes
    ----------
    readings
        The result.
    arms
        Colours of the arms.
    shades
        CSS variable → colour.
    doses
        Series of doses, if any.
    png
        Whether figures are also drawn as PNG.
    """

    readings: Readings
    arms: tuple[ArmStyle, ...]
    shades: Mapping[str, Shade]
    doses: tuple[Series, ...]
    png: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture with caption, a table for the page and the same numbers as CSV."""

    picture: Picture
    caption: str
    table: Table
    data: bytes
    png: bool

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Name → content of what stands beside the page."""
        name = self.picture.name
        files = {f"{name}.svg": self.picture.document, f"{name}.csv": self.data}
        return files | ({f"{name}.png": self.picture.png} if self.png else {})


@dataclass(frozen=True, slots=True)
class MapPanel:
    """The map of one arm; ``change`` is the sum of its colour classes."""

    arm: str
    svg: str
    change: int
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class CellPart:
    """Everything about one cell; ``key`` names it in ids and ``suffix`` in files."""

    cell: str
    key: str
    suffix: str
    stories: tuple[Story, ...]
    changes: Table
    growth: Figure | None
    pools: Figure | None
    doses: tuple[Figure, ...]
    maps: tuple[MapPanel, ...]
    fluxes: Table
    flux_data: bytes

    @property
    def shown(self) -> int:
        """Which map is shown first: the arm that differs most from the first one."""
        return max(range(len(self.maps)), key=lambda i: self.maps[i].change, default=0)

    @property
    def files(self) -> dict[str, bytes]:
        """Name → content of what stands beside the page."""
        files = {f"fluxes{self.suffix}.csv": self.flux_data}
        for part in (self.growth, self.pools, *self.doses, *self.maps):
            files |= part.files if part else {}
        return files


def cell_part(scene: Scene, cell: str, suffix: str) -> CellPart:
    """Draw all that concerns one cell; ``suffix`` keeps its files apart from other cells'."""
    readings = scene.readings
    doses = (_dose(scene, cell, series, suffix) for series in scene.doses)
    fluxes = [n for n in readings.units if n.startswith(f"{cell}.reaction.")]
    return CellPart(
        cell=cell,
        key=slug(cell),
        suffix=suffix,
        stories=stories(readings, cell),
        changes=tables.change_table(
            readings,
            chosen.headline(readings, cell),
            "End of the run: the first arm, and the others as folds of it with the members that agree",
        ),
        growth=_courses(scene, chosen.growth(readings, cell), f"growth{suffix}"),
        pools=_courses(scene, chosen.key_pools(readings, cell), f"pools{suffix}"),
        doses=tuple(d for d in doses if d),
        maps=_maps(scene, cell, suffix),
        fluxes=tables.flux_table(
            readings,
            cell,
            list(atlas().network.reactions),
            "Net flux, mmol/gDW/h: medians, with 10 % – 90 % of the first arm and folds of it for the others",
        ),
        flux_data=tables.ends_csv(readings, fluxes),
    )


def places_part(scene: Scene) -> Figure | None:
    """Concentrations outside the cells over time; None where the result has none."""
    return _courses(scene, chosen.places(scene.readings), "medium")


def _courses(scene: Scene, names: Sequence[str], stem: str) -> Figure | None:
    if not names:
        return None
    listed = ", ".join(chosen.title(n) for n in names)
    alt = f"Time courses per arm of {listed}. The table below holds the end values."
    columns = 3 if len(names) <= 3 else 4  # noqa: PLR2004
    drawn = draw_courses(
        scene.readings, names, scene.arms, scene.shades, name=stem, alt=alt, columns=columns
    )
    table = tables.end_table(scene.readings, names, "At the end of the run: median, 10 % – 90 %")
    return Figure(drawn, _RIBBON, table, tables.courses_csv(scene.readings, names), scene.png)


def _dose(scene: Scene, cell: str, series: Series, suffix: str) -> Figure | None:
    readings = scene.readings
    names = dose_observables(readings, cell)
    if not names:
        return None
    stem = f"dose_{slug(series.drug) or 'drug'}{suffix}"
    alt = f"End values against the dose of {series.drug}: {', '.join(map(chosen.title, names))}."
    drawn = draw_doses(readings, names, series, scene.shades, name=stem, alt=alt)
    table = tables.end_table(readings, names, f"{series.drug}: end values per arm")
    data = tables.ends_csv(readings, names)
    return Figure(drawn, _halves(readings, names, series), table, data, scene.png)


def _halves(readings: Readings, names: Sequence[str], series: Series) -> str:
    halves = [(name, half_effect(readings, name, series)) for name in names]
    parts = [
        f"{chosen.title(name)} {spread_text(half, 2)} µM in {half.count} members"
        for name, half in halves
        if half
    ]
    if not parts:
        return _POINTS
    return f"{_POINTS} Half of the largest effect, read between the doses: {'; '.join(parts)}."


def _maps(scene: Scene, cell: str, suffix: str) -> tuple[MapPanel, ...]:
    readings = scene.readings
    layout = atlas().layout(detail="overview")
    largest = largest_flux(readings, cell, layout)
    if largest == 0:
        return ()
    arms = (Arm(readings, cell, index, largest) for index in range(len(readings.arms)))
    return tuple(_map(layout, arm, suffix, png=scene.png) for arm in arms)


def _map(layout: Layout, arm: Arm, suffix: str, *, png: bool) -> MapPanel:
    label = arm.readings.arms[arm.index]
    drawing = draw(atlas(), layout, arm)
    alt = f"Map of the network of {arm.cell} in the arm {label}; the table below holds the fluxes."
    stem = "_".join(part for part in (f"map{suffix}", str(arm.index + 1), slug(label)) if part)
    written = map_svg(drawing, alt)
    files = {f"{stem}.svg": written.document.encode("utf-8")}
    if png:
        files[f"{stem}.png"] = png_map(drawing)
    return MapPanel(
        arm=label,
        svg=written.inline,
        change=sum(abs(arrow.step or 0) for arrow in drawing.arrows),
        files=files,
    )


def balance_part(scene: Scene, balance: Balance | None) -> Figure | None:
    """Who got the glutamine; the uptake is that of the first cell."""
    if balance is None:
        return None
    readings = scene.readings
    name = next((f"{c}.uptake.glutamine" for c in readings.cells), "")
    uptake = name if name in readings.units else None
    alt = (
        "Stacked bars per arm: where the carbon and the nitrogen of the glutamine that was taken up "
        "ended, in per cent, and how much was taken up. The table below holds the shares."
    )
    drawn = draw_balance(balance, readings, scene.arms, scene.shades, uptake=uptake, alt=alt)
    caption = "Bars are means over the ensemble; the table gives medians and 10 – 90 %."
    table = tables.balance_table(balance, readings, "Where the atoms went")
    return Figure(drawn, caption, table, tables.balance_csv(balance, readings), scene.png)

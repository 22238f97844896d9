"""Parts of the page: figures with their tables, for one cell or for the whole system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutarium.report import chosen, tables
from glutarium.report.balance import draw_balance
from glutarium.report.curves import draw_courses
from glutarium.report.dose import dose_observables, draw_doses, half_effect
from glutarium.report.headline import stories
from glutarium.report.maps.atlas import atlas
from glutarium.report.maps.drawing import Arm, draw, largest_flux
from glutarium.report.maps.svg import both_svg
from glutarium.report.surface_figure import draw_surface, read_surface, surface_csv, surface_table
from glutarium.report.words import slug, spread_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glutarium.report.balance import Balance
    from glutarium.report.dose import Series
    from glutarium.report.headline import Story
    from glutarium.report.maps.layout import Layout
    from glutarium.report.palette import ArmStyle, Shade
    from glutarium.report.readings import Readings
    from glutarium.report.render import Picture
    from glutarium.report.surface import Surface
    from glutarium.report.tables import Table

__all__ = [
    "CellPart",
    "Figure",
    "MapPanel",
    "Scene",
    "balance_part",
    "cell_part",
    "courses",
    "places_part",
]

_RIBBON = "Lines are medians over the ensemble, ribbons the range from 10 to 90 % of its members."
_EXCESS = (
    "Medians over the members. Response: relative to the run without both drugs. Excess: reference minus "
    "response; above zero the pair does more than the reference says."
)
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
    surfaces
        Grids of two drugs, if any.
    """

    readings: Readings
    arms: tuple[ArmStyle, ...]
    shades: Mapping[str, Shade]
    doses: tuple[Series, ...]
    surfaces: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with caption, a table for the page and the same numbers as CSV."""

    picture: Picture
    caption: str
    table: Table
    data: bytes

    @property
    def png(self) -> str:
        """Name of its PNG file."""
        return f"{self.picture.name}.png"

    @property
    def csv(self) -> str:
        """Name of its CSV file."""
        return f"{self.picture.name}.csv"

    @property
    def files(self) -> dict[str, bytes]:
        """Name → content of what stands beside the page."""
        return {self.png: self.picture.png, self.csv: self.data}


@dataclass(frozen=True, slots=True)
class MapPanel:
    """The map of one arm; ``change`` is the sum of its colour classes."""

    arm: str
    stem: str
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
    surfaces = (_surface(scene, cell, surface, suffix) for surface in scene.surfaces)
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
        growth=courses(scene, chosen.growth(readings, cell), f"growth{suffix}"),
        pools=courses(scene, chosen.key_pools(readings, cell), f"pools{suffix}"),
        doses=tuple(d for d in (*doses, *surfaces) if d),
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
    return courses(scene, chosen.places(scene.readings), "medium")


def courses(scene: Scene, shown: Sequence[str] | Mapping[str, str], stem: str) -> Figure | None:
    """Time courses of some observables, or of those with a title of their own; None for none."""
    names = list(shown)
    if not names:
        return None
    listed = ", ".join(chosen.title(n) for n in names)
    alt = f"Time courses per arm of {listed}. The table below holds the end values."
    columns = 3 if len(names) <= 3 else 4  # noqa: PLR2004
    drawn = draw_courses(
        scene.readings, shown, scene.arms, scene.shades, name=stem, alt=alt, columns=columns
    )
    table = tables.end_table(scene.readings, names, "At the end of the run: median, 10 % – 90 %")
    return Figure(drawn, _RIBBON, table, tables.courses_csv(scene.readings, names))


def _dose(scene: Scene, cell: str, series: Series, suffix: str) -> Figure | None:
    readings = scene.readings
    names = dose_observables(readings, cell)
    if not names:
        return None
    stem = f"dose_{slug(series.drug) or 'drug'}{suffix}"
    alt = f"End values against the dose of {series.drug}: {', '.join(map(chosen.title, names))}."
    drawn = draw_doses(readings, names, series, scene.shades, name=stem, alt=alt)
    table = tables.end_table(readings, names, f"{series.drug}: end values per arm")
    return Figure(drawn, _halves(readings, names, series), table, tables.ends_csv(readings, names))


def _surface(scene: Scene, cell: str, surface: Surface, suffix: str) -> Figure | None:
    readings = scene.readings
    names = dose_observables(readings, cell)
    if not names:
        return None
    first, second = surface.drugs
    stem = f"surface_{slug(surface.name)}{suffix}"
    what = chosen.title(names[0])
    alt = f"{what} over the doses of {first} and {second}, and its excess over four references."
    shown = read_surface(readings, names[0], surface)
    drawn = draw_surface(shown, surface, scene.shades, name=stem, alt=alt)
    table = surface_table(shown, names[0], surface)
    return Figure(drawn, _EXCESS, table, surface_csv(shown, surface))


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
    skipped = frozenset[int]().union(*(s.inner for s in scene.surfaces))
    shown = (index for index in range(len(readings.arms)) if index not in skipped)
    arms = (Arm(readings, cell, index, largest) for index in shown)
    return tuple(_map(layout, arm, suffix) for arm in arms)


def _map(layout: Layout, arm: Arm, suffix: str) -> MapPanel:
    label = arm.readings.arms[arm.index]
    drawing = draw(atlas(), layout, arm)
    alt = f"Map of the network of {arm.cell} in the arm {label}; the table below holds the fluxes."
    inline, document = both_svg(drawing, alt)
    stem = "_".join(part for part in (f"map{suffix}", str(arm.index + 1), slug(label)) if part)
    return MapPanel(
        arm=label,
        stem=stem,
        svg=inline,
        change=sum(abs(arrow.step or 0) for arrow in drawing.arrows),
        files={f"{stem}.svg": document.encode("utf-8")},
    )


def balance_part(scene: Scene, cell: str, balance: Balance) -> Figure:
    """Who got the glutamine of a cell; without a name it is the first one's."""
    readings = scene.readings
    owner = cell or next(iter(readings.cells), "")
    uptake = f"{owner}.uptake.glutamine" if f"{owner}.uptake.glutamine" in readings.units else None
    alt = (
        "Stacked bars per arm: where the carbon and the nitrogen of the glutamine that was taken up "
        "ended, in per cent, and how much was taken up. The table below holds the shares."
    )
    name = "_".join(part for part in ("glutamine_balance", slug(cell)) if part)
    drawn = draw_balance(
        balance, readings, scene.arms, scene.shades, uptake=uptake, alt=alt, name=name
    )
    caption = "Bars are means over the ensemble; the table gives medians and 10 – 90 %."
    heading = f"Where the atoms went: {cell}" if cell else "Where the atoms went"
    table = tables.balance_table(balance, readings, heading)
    return Figure(drawn, caption, table, tables.balance_csv(balance, readings))

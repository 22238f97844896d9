"""``glutarium map``: draw a pathway, what lies around a metabolite, or the whole network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glutarium.cli.complete import complete_map
from glutarium.cli.console import examples, note
from glutarium.errors import GlutariumError, OutputError

if TYPE_CHECKING:
    from glutarium.report.maps.atlas import Atlas
    from glutarium.report.maps.drawing import Arm
    from glutarium.report.maps.layout import Layout

__all__ = ["EXAMPLES", "draw_map"]

EXAMPLES = examples(
    "glutarium map tca-cycle -o tca.svg",
    "glutarium map glutamine --radius 2 -o glutamine.png",
    "glutarium map -o network.json",
    "glutarium map --overview -o treated.svg --result results/hct116-cb839 --arm treated",
)

_FORMATS = (".svg", ".png", ".json")


def draw_map(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Pathways, reactions or metabolites; the whole network where none is named.",
            autocompletion=complete_map,
        ),
    ] = None,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="File to write: .svg, .png, or .json, which Escher can open."
        ),
    ] = Path("map.svg"),
    radius: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How many reactions away from what is named; a metabolite's own by default.",
        ),
    ] = None,
    overview: Annotated[
        bool, typer.Option("--overview", help="Leave out what stands beside reactions.")
    ] = False,
    result: Annotated[
        Path | None,
        typer.Option(help="Folder of a result of `glutarium run`, whose fluxes are shown."),
    ] = None,
    arm: Annotated[str | None, typer.Option(help="Which arm; the last one by default.")] = None,
    cell: Annotated[str | None, typer.Option(help="Which cell; the first one by default.")] = None,
) -> None:
    """Draw a map of the network, laid out automatically and always the same way.

    Compartments are frames, transporters stand on their borders, and lines follow the carbon. With a
    result, arrows are as wide as their flux and coloured by their change against the first arm.
    """
    from glutarium.report.maps.atlas import atlas

    if out.suffix.lower() not in _FORMATS:
        message = (
            f"{out} ends in none of {', '.join(_FORMATS)}; name the file by what it shall hold"
        )
        raise OutputError(message)
    if result is None and (arm or cell):
        message = "--arm and --cell choose from a result; name its folder with --result"
        raise GlutariumError(message)
    chosen = atlas()
    layout = chosen.layout(names or (), radius=radius, detail="overview" if overview else "full")
    shown = _arm(layout, result, arm, cell) if result else None
    content = _content(chosen, layout, shown, out.suffix.lower(), ", ".join(names or ["network"]))
    try:
        out.write_bytes(content)
    except OSError as problem:
        message = f"{out} cannot be written: {problem.strerror}; choose another place with -o"
        raise OutputError(message) from problem
    note(f"Wrote {out}: {len(layout.stations)} reactions, {len(layout.spots)} species")


def _content(atlas: Atlas, layout: Layout, arm: Arm | None, suffix: str, title: str) -> bytes:
    from glutarium.report.maps.drawing import draw
    from glutarium.report.maps.escher import escher_json
    from glutarium.report.maps.png import png_map
    from glutarium.report.maps.svg import standalone_svg

    if suffix == ".json":
        return escher_json(atlas, layout, title).encode("utf-8")
    drawing = draw(atlas, layout, arm)
    if suffix == ".png":
        return png_map(drawing)
    return standalone_svg(drawing, f"Map of {title}").encode("utf-8")


def _arm(layout: Layout, folder: Path, arm: str | None, cell: str | None) -> Arm:
    """Read whose numbers are shown."""
    from glutarium.report.maps.drawing import Arm, largest_flux
    from glutarium.report.readings import read_dataset
    from glutarium.simulate.result import Result

    store = folder / "result.zarr"
    readings = read_dataset(Result.open(store if store.exists() else folder).arrays)
    index = _place(readings.arms, arm, "arm", len(readings.arms) - 1)
    whose = readings.cells[_place(readings.cells, cell, "cell", 0)]
    return Arm(readings, whose, index, largest_flux(readings, whose, layout))


def _place(known: tuple[str, ...], name: str | None, kind: str, default: int) -> int:
    if name is None:
        return default
    if name not in known:
        message = f"This result has no {kind} {name!r}; it has {', '.join(known)}"
        raise GlutariumError(message)
    return known.index(name)

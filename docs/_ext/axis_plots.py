"""Draws the key experiment of an axis from the table that ``axis_experiments.py`` wrote."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import yaml

TABLES = Path(__file__).parent.parent / "_static" / "axes"
# Colours that stay apart for colour-blind readers.
COLOURS = ("#5a6675", "#0b5cad", "#d9730d", "#8a2d8f")
# Inches; of one panel.
WIDTH, HEIGHT = 3.2, 2.6


def experiment_svg(axis: str) -> str | None:
    """Time courses as SVG, one panel per observable; None where the axis has no experiment."""
    file = TABLES / f"{axis}.tsv"
    if not file.exists():
        return None
    import matplotlib as mpl
    from matplotlib.figure import Figure

    hours, panels = _read(file)
    arms = list(dict.fromkeys(arm for lines in panels.values() for arm in lines))
    with mpl.rc_context({"svg.hashsalt": axis, "svg.fonttype": "none", "font.size": 8.0}):
        figure = Figure(figsize=(WIDTH * len(panels), HEIGHT), layout="constrained")
        drawn = figure.subplots(1, len(panels), squeeze=False)[0]
        for ax, (observable, lines) in zip(drawn, panels.items(), strict=True):
            for arm, values in lines.items():
                ax.plot(hours, values, color=COLOURS[arms.index(arm)], label=arm, linewidth=1.5)
            ax.set_title(observable, fontsize=9.0)
            ax.set_xlabel("h")
            ax.set_ylim(bottom=0.0)
            ax.spines[["top", "right"]].set_visible(False)
        figure.legend(*drawn[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def caption(axis: str) -> str:
    """What was done, as the experiment's title says it."""
    studies = yaml.safe_load_all((Path(__file__).parent / "axis-experiments.yaml").read_text())
    return next(s["title"] for s in studies if s["study"] == axis)


def _read(file: Path) -> tuple[list[float], dict[str, dict[str, list[float]]]]:
    """Hours, and observable → arm → values."""
    with file.open(encoding="utf-8", newline="") as stream:
        names, *rows = list(csv.reader(stream, delimiter="\t"))
    columns = [[float(cell) for cell in column] for column in zip(*rows, strict=True)]
    panels: dict[str, dict[str, list[float]]] = {}
    for name, values in zip(names[1:], columns[1:], strict=True):
        arm, _, observable = name.partition(": ")
        panels.setdefault(observable, {})[arm] = values
    return columns[0], panels

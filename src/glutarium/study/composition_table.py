"""Compositions as tables of cell, item and value; items are ``share``, ``cells`` and genes with folds.

``glutarium compose FILE -o TABLE`` writes one, and a study reads it again without the file it came from.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from glutarium.errors import Location, OutputError, StudyError
from glutarium.model.profiles import REFERENCE, Profile, growth_signal, recorded_profile
from glutarium.study.composition import Composition, Part, scaled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from glutarium.knowledge.base import KnowledgeBase
    from glutarium.names import Vocabulary

__all__ = ["from_table", "is_composition", "write_composition"]

COLUMNS = ("cell", "item", "value")
SHARE, COUNT, SIGNAL = "share", "cells", "growth signal"
REMARK = "#"
# Shares are written with a few digits.
NEAR = 0.01


def is_composition(path: Path) -> bool:
    """Whether a file is a table of this kind, by its header."""
    try:
        with path.open(encoding="utf-8") as file:
            header = next((line for line in file if not line.startswith(REMARK)), "")
    except (OSError, UnicodeDecodeError):
        return False
    return tuple(header.rstrip("\r\n").split("\t")) == COLUMNS


def from_table(path: Path, base: KnowledgeBase, names: Vocabulary) -> Composition:
    """Read a table of cell, item and value.

    Raises
    ------
    StudyError, UnknownNameError
        A row is not understood, a number is bad, or the shares do not add up to one.
    """
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for cell, item, value, location in _rows(path):
        name = names.resolve(cell, ("cell",), location=location)
        known = item if item in {SHARE, COUNT, SIGNAL} else _gene(item, names, location)
        if known in values[name]:
            message = f"{known!r} of {name!r} stands twice; keep one row"
            raise StudyError(message, location=location)
        values[name][known] = value
    _refuse_shares(path, values)
    parts = {cell: _part(cell, own, base) for cell, own in values.items()}
    genes = [f"{p.cell} {len(p.profile.folds)} genes" for p in parts.values() if p.profile]
    report = (("profiles", ", ".join(genes) or "none; as recorded"),)
    return Composition(path, "a table of shares", scaled(parts), report)


def _gene(item: str, names: Vocabulary, location: Location) -> str:
    return names.resolve(item, ("gene",), location=location)


def _rows(path: Path) -> Iterator[tuple[str, str, float, Location]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if not line.startswith(REMARK))
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if not line.strip() or line.startswith(REMARK):
            continue
        location, row = Location(path, number), [text.strip() for text in line.split("\t")]
        if len(row) != len(COLUMNS):
            message = f"The row has {len(row)} cells instead of {', '.join(COLUMNS)}, by tabs"
            raise StudyError(message, location=location)
        yield row[0], row[1], _number(row, location), location


def _number(row: list[str], location: Location) -> float:
    cell, item, text = row
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    least_open = item not in {SHARE, COUNT}
    if not math.isfinite(value) or value < 0.0 or (least_open and value == 0.0):
        wanted = "above 0" if least_open else "0 or above"
        message = f"{item!r} of {cell!r} is {text!r}: must be a number, {wanted}"
        raise StudyError(message, location=location)
    return value


def _refuse_shares(path: Path, values: Mapping[str, Mapping[str, float]]) -> None:
    without = [cell for cell, own in values.items() if SHARE not in own]
    if without or not values:
        message = f"{', '.join(without) or 'No cell'} has no row {SHARE!r}; every cell needs one"
        raise StudyError(message, location=Location(path))
    whole = sum(own[SHARE] for own in values.values())
    if abs(whole - 1.0) > NEAR:
        read = " + ".join(f"{own[SHARE]:g} ({cell})" for cell, own in values.items())
        message = f"The shares do not add up to 1: {read} = {whole:g}"
        raise StudyError(message, location=Location(path))


def _part(cell: str, own: Mapping[str, float], base: KnowledgeBase) -> Part:
    folds = {item: x for item, x in own.items() if item not in {SHARE, COUNT, SIGNAL}}
    profile = Profile(cell, folds, _signal(cell, own, folds, base)) if folds else None
    return Part(cell, own[SHARE], own.get(COUNT), profile)


def _signal(
    cell: str, own: Mapping[str, float], folds: Mapping[str, float], base: KnowledgeBase
) -> float:
    if SIGNAL in own:
        return own[SIGNAL]
    known = recorded_profile(base, cell)
    return growth_signal(folds, base) if cell == REFERENCE or known is None else known.signal


def write_composition(path: Path, found: Composition, genes: Collection[str] | None = None) -> None:
    """Write a composition as a table that a study reads again.

    Parameters
    ----------
    path
        Where it is written.
    found
        What is written; its report stands above the rows.
    genes
        Genes whose folds are written; all by default.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    lines = [f"{REMARK} {line}" for line in found.lines]
    lines.append("\t".join(COLUMNS))
    for part in found.parts:
        lines += ["\t".join((part.cell, *row)) for row in _written(part, genes)]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error}; choose another file with -o"
        raise OutputError(message) from error


def _written(part: Part, genes: Collection[str] | None) -> Iterator[tuple[str, str]]:
    yield SHARE, f"{part.share:.6g}"
    if part.count is not None:
        yield COUNT, f"{part.count:.6g}"
    if part.profile is None:
        return
    yield SIGNAL, f"{part.profile.signal:.6g}"
    for gene, fold in part.profile.folds.items():
        if genes is None or gene in genes:
            yield gene, f"{fold:.4g}"

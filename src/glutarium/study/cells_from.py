"""Cells of a study that stand in a file: what was read of them, and what the study says besides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glutarium.errors import MissingExtraError, StudyError
from glutarium.study.compose import read_composition
from glutarium.study.composition import SingleCellOptions
from glutarium.study.conditions import Cells, CellSetting
from glutarium.study.fields import as_list, as_text, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glutarium.errors import Location
    from glutarium.study.composition import Composition
    from glutarium.study.yaml_lines import Node

__all__ = ["FROM", "FROM_KEYS", "cells_of", "composition_of", "refuse_clones", "refuse_shares"]

FROM, SCALE, ANNOTATION = "from", "scale", "annotation"
FROM_KEYS = (FROM, SCALE, ANNOTATION)
SCALES = ("counts", "TPM", "log2", "ln", "log10", "log2 TPM+1")
NEAR = 0.01
"""Shares are written with a few digits; so much may be missing of one."""


def composition_of(items: Mapping[str, Node], folder: Path) -> Composition:
    """Read the file that ``from`` names; of several the first that is there and can be read here.

    Parameters
    ----------
    items
        The keys of :data:`FROM_KEYS` that stand in the mapping.
    folder
        Where relative paths start.

    Raises
    ------
    StudyError
        No file is there, or it cannot be read.
    MissingExtraError
        The only file that is there needs packages that are not installed.
    """
    node = items[FROM]
    scale, annotation = items.get(SCALE), items.get(ANNOTATION)
    options = SingleCellOptions(
        None if scale is None else one_of(scale, f"cells.{SCALE}", SCALES),
        None if annotation is None else as_text(annotation, f"cells.{ANNOTATION}"),
    )
    paths = [folder / as_text(item, f"cells.{FROM}") for item in as_list(node, f"cells.{FROM}")]
    there = [path for path in paths if path.is_file()]
    absent = tuple(("not there", str(path)) for path in paths if not path.is_file())
    for i, path in enumerate(there):
        try:
            found = read_composition(path, options)
        except MissingExtraError as error:
            if i + 1 == len(there):
                raise
            absent = (*absent, ("not read", f"{path}: {error.message}"))
            continue
        return replace(found, report=(*found.report, *absent))
    message = (
        f"cells.{FROM}: there is no file {' or '.join(repr(str(p)) for p in paths)} "
        "(paths start at the study file)"
    )
    raise StudyError(message, location=node.location)


def cells_of(found: Composition, said: Mapping[str, CellSetting], location: Location) -> Cells:
    """Cells with what was read of them; what the study says of a cell wins.

    A fraction that the study states is kept, and what was read of the other cells makes up the rest.

    Raises
    ------
    StudyError
        The fractions are more than one, or a cell is in neither.
    """
    read = {part.cell: part for part in found.parts}
    for cell, setting in said.items():
        if cell not in read and setting.fraction is None:
            message = (
                f"cells.{cell}: {found.path.name} holds none of it (it holds {', '.join(read)}); "
                "give it a fraction"
            )
            raise StudyError(message, location=location)
    own = {cell: s.fraction for cell, s in said.items() if s.fraction is not None}
    left = 1.0 - sum(own.values())
    others = sum(part.share for cell, part in read.items() if cell not in own)
    if left < 0.0 or (others and not left):
        message = (
            f"cells: the fractions {_written(own)} are {sum(own.values()):g} together; they must "
            "leave something of 1 to the other cells of the file"
        )
        raise StudyError(message, location=location)
    settings: dict[str, CellSetting] = {}
    for cell in dict.fromkeys((*read, *said)):
        setting, part = said.get(cell, CellSetting()), read.get(cell)
        fraction = own.get(cell)
        if fraction is None and part is not None:
            fraction = part.share * left / others
        profile = None if part is None else part.profile
        settings[cell] = replace(setting, fraction=fraction, profile=profile)
    return Cells(settings, composition=found)


def refuse_shares(settings: Mapping[str, CellSetting], location: Location) -> None:
    """Refuse fractions that do not add up.

    Raises
    ------
    StudyError
        They are more than one, or all of several cells have one and they are less.
    """
    own = {cell: s.fraction for cell, s in settings.items() if s.fraction is not None}
    whole = sum(own.values())
    every = len(own) == len(settings) > 1
    if whole > 1.0 + NEAR or (every and whole < 1.0 - NEAR):
        message = (
            f"cells: the fractions {_written(own)} are {whole:g} together; shares of the dry mass "
            f"of all cells add up to 1{'' if every else ' at most'}"
        )
        raise StudyError(message, location=location)


def refuse_clones(clones: Mapping[str, float], location: Location) -> None:
    """Refuse shares of clones that do not add up.

    Raises
    ------
    StudyError
        They are not one together.
    """
    whole = sum(clones.values())
    if clones and abs(whole - 1.0) > NEAR:
        message = (
            f"clones: the shares {_written(clones)} are {whole:g} together; shares of all clones of the "
            "tumour add up to 1 (those of setup and arm count together; `none` is the clone without a "
            "driver of its own)"
        )
        raise StudyError(message, location=location)


def _written(own: Mapping[str, float]) -> str:
    return ", ".join(f"{cell} {x:g}" for cell, x in own.items())

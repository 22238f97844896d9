"""Measured isotopologue distributions: areas or fractions, checked, and named as the pools of the model."""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glutarium.errors import KnowledgeError, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from glutarium.kernel import Array

__all__ = [
    "FIBROBLAST",
    "HCT116",
    "Distribution",
    "check_distribution",
    "isotopologue_number",
    "read_labels",
]

FIBROBLAST = Path("04_isotope_tracing/copeland2023_lf_mids_mfa_input.tsv.gz")
HCT116 = Path("04_isotope_tracing/reid2018_HCT116_U13C_gln_isotopologue_areas.tsv")

# Carbons of the metabolites that are compared.
CARBONS: Mapping[str, int] = {
    "glutamate": 5,
    "alpha-ketoglutarate": 5,
    "succinate": 4,
    "malate": 4,
    "aspartate": 4,
    "citrate": 6,
}
_FIBROBLAST_NAMES = {
    "GLU": "glutamate",
    "AKG": "alpha-ketoglutarate",
    "MAL": "malate",
    "ASP": "aspartate",
    "CIT": "citrate",
}
_HCT116_NAMES = {
    "L-glutamate(1-)": "glutamate",
    "2-oxoglutarate(2-)": "alpha-ketoglutarate",
    "succinate(2-)": "succinate",
    "(S)-malate(2-)": "malate",
    "D-aspartate(1-)": "aspartate",
    "citrate/isocitrate": "citrate",
}
GLUTAMINE, VEHICLE = "q5", "DMSO"
TOLERANCE = 0.02
_NUMBER = re.compile(r"M?\+?(\d+)")


@dataclass(frozen=True, eq=False)
class Distribution:
    """A measured distribution.

    Attributes
    ----------
    system, arm
        Protocol and its arm.
    metabolite
        Name of the pool.
    hours
        Time with the tracer.
    values, errors
        Fraction of M+0 and so on, and standard errors (NaN where unsaid), shape ``(carbons + 1,)``.
    raw
        Whether natural abundance is still in it.
    """

    system: str
    arm: str
    metabolite: str
    hours: float
    values: Array
    errors: Array
    raw: bool


def read_labels(folder: Path) -> list[Distribution]:
    """Read all distributions that the protocols are about.

    Raises
    ------
    KnowledgeError
        A file is missing, or a distribution is not one; names file and line.
    """
    return [*_fibroblast(folder / FIBROBLAST), *_hct116(folder / HCT116)]


def check_distribution(
    fractions: Mapping[int, float], size: int, location: Location, name: str
) -> Array:
    """A distribution in order, if it is one.

    Parameters
    ----------
    fractions
        Number of heavy atoms → fraction.
    size
        Atoms that can be heavy.
    location
        File and line for messages.
    name
        What it is of.

    Raises
    ------
    KnowledgeError
        Numbers are missing or too large, a fraction is below zero, or the sum is not one.
    """
    odd = sorted(set(fractions) ^ set(range(size + 1)))
    if odd:
        what = "missing" if odd[0] <= size else "more than the molecule has"
        message = f"{name}: isotopologue M{odd[0]} is {what}; M0 to M{size} are needed, each once"
        if odd[0] < max(fractions) <= size:
            message += f"; or is M{max(fractions)} the wrong number?"
        raise KnowledgeError(message, location=location)
    values = np.array([fractions[i] for i in range(size + 1)])
    if not math.isclose(values.sum(), 1.0, abs_tol=TOLERANCE) or values.min() < -TOLERANCE:
        message = (
            f"{name}: fractions {', '.join(f'{v:.3g}' for v in values)} add up to "
            f"{values.sum():.4g}; a distribution adds up to 1 and has nothing below 0"
        )
        raise KnowledgeError(message, location=location)
    return np.asarray(values / values.sum())


def _fibroblast(path: Path) -> Iterator[Distribution]:
    cells: defaultdict[tuple[str, str, float], dict[int, tuple[float, float, int]]] = defaultdict(
        dict
    )
    for line, row in _rows(path):
        name = _FIBROBLAST_NAMES.get(row["metabolite"])
        if name is None or (row["tracer"], row["treatment"]) != (GLUTAMINE, ""):
            continue
        key = row["oxygen"], name, float(row["time"])
        count = isotopologue_number(row["isotope"], Location(path, line))
        _once(cells[key], count, path, line)
        error = float(row["se"]) if row["se"] else math.nan
        cells[key][count] = float(row["mean"]), error, line
    for (oxygen, name, hours), found in cells.items():
        at = Location(path, min(line for _, _, line in found.values()))
        values = check_distribution(
            {n: v for n, (v, _, _) in found.items()}, CARBONS[name], at, name
        )
        errors = np.array([found[n][1] for n in range(len(values))])
        yield Distribution("fibroblast", oxygen, name, hours, values, errors, raw=False)


def _hct116(path: Path) -> Iterator[Distribution]:
    areas: defaultdict[str, dict[int, Array]] = defaultdict(dict)
    lines: dict[str, int] = {}
    for line, row in _rows(path):
        name = _HCT116_NAMES.get(row["metabolite"])
        if name is None:
            continue
        count = isotopologue_number(row["isotopologue"], Location(path, line))
        _once(areas[name], count, path, line)
        own = [float(v) for k, v in row.items() if k.startswith(VEHICLE)]
        areas[name][count] = np.array(own)
        lines.setdefault(name, line)
    for name, found in areas.items():
        whole = np.sum(list(found.values()), axis=0)
        shares = {n: own / whole for n, own in found.items()}
        at = Location(path, lines[name])
        means = {n: float(own.mean()) for n, own in shares.items()}
        values = check_distribution(means, CARBONS[name], at, name)
        replicates = np.array([shares[n] for n in range(len(values))])
        errors = replicates.std(axis=1, ddof=1) / math.sqrt(replicates.shape[1])
        yield Distribution("HCT116", "vehicle", name, 24.0, values, errors, raw=True)


def isotopologue_number(text: str, location: Location) -> int:
    """Number of heavy atoms of an isotopologue: ``M0``, ``M+1``, ``2``.

    Raises
    ------
    KnowledgeError
        It is none.
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        message = f"{text!r} is no isotopologue; write M0, M+1 or 2"
        raise KnowledgeError(message, location=location)
    return int(found[1])


def _once(known: Iterable[int], count: int, path: Path, line: int) -> None:
    if count in known:
        message = f"Isotopologue M{count} stands twice for one molecule and condition"
        raise KnowledgeError(message, location=Location(path, line))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    if not path.exists():
        message = f"{path} is not there; give the folder with the data sets"
        raise KnowledgeError(message)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        yield from enumerate(csv.DictReader(stream, delimiter="\t"), start=2)
